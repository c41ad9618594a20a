"""Where files lie: damaged ones, ones that belong to nothing, and addresses that end."""

import io
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import boto3
import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from jobs.reports.content import Content
from jobs.reports.making import make_version
from jobs.reports.making.orphans import orphaned_files
from jobs.reports.models import Artefact, Report, Version
from jobs.reports.periods import calendar_week
from jobs.reports.reading.signed import signed_address
from jobs.reports.registry import Definition
from scheduler_site.doctor.findings import Level
from scheduler_site.doctor.remote_storage import remote_storage_findings
from scheduler_site.report_storage import report_storage
from tests.integration import killed_maker
from tests.integration.read_reports import WEEKLY, made
from tests.servers.celery_processes import process_environment
from tests.servers.s3 import s3_server

pytestmark = pytest.mark.django_db

BUCKET = "punctual"
LATER = timedelta(days=1)


def artefact_of(version: Version) -> Artefact:
    """Return the version's only file."""
    return version.artefacts.get()


def stored(artefact: Artefact) -> bytes:
    """Return the file's bytes."""
    with artefact.file.open("rb") as file:
        return bytes(file.read())


def orphans() -> list[str]:
    """Return the files that belong to nothing, however young."""
    return list(orphaned_files(timezone.now() + LATER))


def test_a_signed_address_gives_the_file_without_signing_in(client: Client) -> None:
    artefact = artefact_of(made())
    response: Any = client.get(signed_address(artefact))
    assert b"".join(response.streaming_content) == stored(artefact)
    assert artefact.download_name in response["Content-Disposition"]
    assert "no-store" in response["Cache-Control"]


def test_a_signed_address_ends(client: Client, settings: Settings) -> None:
    address = signed_address(artefact_of(made()))
    settings.REPORT_LINK_SECONDS = -1
    response = client.get(address)
    assert response.status_code == 410
    assert "This address is over" in response.content.decode()


def test_a_forged_address_is_not_found(client: Client) -> None:
    address = signed_address(artefact_of(made()))
    flipped = "B" if address[-1] != "B" else "C"
    for forged in (address[:-1] + flipped, "/reports/files/1", "/reports/files/x:y:z"):
        assert client.get(forged).status_code == 404


def test_a_signed_address_of_a_version_that_is_gone_is_not_found(client: Client) -> None:
    address = signed_address(artefact_of(made()))
    Version.objects.all().delete_with_files()
    assert client.get(address).status_code == 404


def test_files_that_no_version_names_are_found_once_they_are_old() -> None:
    assert orphans() == []
    artefact = artefact_of(made())
    left = default_storage.save("reports/weekly/left.csv", ContentFile(b"half"))
    assert orphans() == [left]
    assert list(orphaned_files(timezone.now() - LATER)) == []
    Artefact.objects.filter(pk=artefact.pk).delete()
    assert set(orphans()) == {left, artefact.file.name}


@pytest.mark.django_db(transaction=True)
def test_a_maker_that_is_killed_half_way_leaves_no_version(artefacts_folder: Path) -> None:
    variables = process_environment("redis://127.0.0.1:1")
    variables["DJANGO_SETTINGS_MODULE"] = "scheduler_site.settings"
    done = subprocess.run([sys.executable, "-m", killed_maker.__name__], env=variables, check=False)
    assert done.returncode == -signal.SIGKILL
    assert not Version.objects.exists()
    # Its first file is there, and belongs to nothing.
    [left] = orphans()
    assert left.endswith(".csv")
    version = make_version(WEEKLY, killed_maker.NOW, killed_maker.RUN_ID, killed_maker.NOW)
    assert version.number == 1
    assert orphans() == [left]


def test_files_that_have_changed_or_are_gone_are_told_by_name(artefacts_folder: Path) -> None:
    good, changed, cut, gone = (artefact_of(made()) for _ in range(4))
    output = io.StringIO()
    call_command("check_report_files", stdout=output)
    assert output.getvalue() == "4 files are as they were written.\n"
    path = artefacts_folder / str(changed.file.name)
    path.write_bytes(path.read_bytes()[:-1] + b"X")
    (artefacts_folder / str(cut.file.name)).write_bytes(b"")
    gone.remove_file()
    output = io.StringIO()
    with pytest.raises(CommandError, match="3 files are damaged"):
        call_command("check_report_files", stdout=output)
    told = output.getvalue().splitlines()
    assert "its checksum differs" in told[0]
    assert f"it has 0 bytes instead of {cut.size_bytes}" in told[1]
    assert "the file is missing" in told[2]
    assert str(good.file.name) not in output.getvalue()


@pytest.mark.parametrize("slug", ["../../evil", "a/../../evil", "/tmp/evil", "a b/c"])
def test_a_path_in_a_name_leads_nowhere(slug: str, artefacts_folder: Path) -> None:
    definition = Definition(slug, "../../evil", "", calendar_week(), lambda _: Content("s", []))
    with pytest.raises(SuspiciousFileOperation, match="cannot be part of a file's name"):
        make_version(definition, killed_maker.NOW, None, killed_maker.NOW)
    assert not Report.objects.exists()
    outside = set(artefacts_folder.parent.rglob("*evil*"))
    assert outside == set()


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    """Give a client of an S3-compatible server with one bucket."""
    with s3_server() as address:
        client = boto3.client(
            "s3",
            endpoint_url=address,
            region_name="us-east-1",
            aws_access_key_id="key",
            aws_secret_access_key="hidden-word",
        )
        client.create_bucket(Bucket=BUCKET)
        yield client


@pytest.fixture
def in_bucket(s3: Any, settings: Settings) -> Any:
    """Keep files in the bucket, which is empty; give its client."""
    for name in names_in(s3):
        s3.delete_object(Bucket=BUCKET, Key=name)
    chosen = {
        "REPORT_STORAGE": f"s3://{BUCKET}/files",
        "REPORT_STORAGE_ENDPOINT": s3.meta.endpoint_url,
        "REPORT_STORAGE_REGION": "us-east-1",
        "REPORT_STORAGE_KEY": "key",
        "REPORT_STORAGE_SECRET": "hidden-word",
        "REPORT_LINK_SECONDS": 60,
    }
    settings.STORAGES = {**settings.STORAGES, "default": report_storage(chosen)}
    settings.REPORT_LINK_SECONDS = 60
    return s3


def names_in(client: Any) -> set[str]:
    """Return the names of what the bucket holds."""
    return {one["Key"] for one in client.list_objects_v2(Bucket=BUCKET).get("Contents", [])}


def test_files_lie_in_a_bucket_and_are_read_by_signed_addresses(
    in_bucket: Any, viewer_client: Client
) -> None:
    artefact = artefact_of(made())
    assert f"files/{artefact.file.name}" in names_in(in_bucket)
    address = f"/reports/{artefact.version.report_id}/versions/1/download/csv"
    response = viewer_client.get(address)
    assert response.status_code == 302
    query = parse_qs(urlsplit(response["Location"]).query)
    assert query["X-Amz-Expires"] == ["60"]
    assert query["X-Amz-Signature"]
    assert "hidden-word" not in response["Location"]
    with urlopen(response["Location"]) as answer:
        assert answer.read() == stored(artefact)
        assert artefact.download_name in answer.headers["Content-Disposition"]
        assert answer.headers["Content-Type"].startswith("text/csv")


def test_a_bucket_loses_what_is_deleted_and_shows_what_belongs_to_nothing(
    in_bucket: Any,
    viewer_client: Client,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    gone, kept = made(), made()
    name = f"files/{artefact_of(gone).file.name}"
    with django_capture_on_commit_callbacks(execute=True):
        Version.objects.filter(pk=gone.pk).delete_with_files()
    assert name not in names_in(in_bucket)
    assert orphans() == []
    default_storage.save("reports/weekly/left.csv", ContentFile(b"half"))
    assert orphans() == ["reports/weekly/left.csv"]
    default_storage.delete("reports/weekly/left.csv")
    artefact_of(kept).remove_file()
    address = f"/reports/{kept.report_id}/versions/{kept.number}/download/csv"
    assert viewer_client.get(address).status_code == 404


def test_doctor_says_whether_the_bucket_can_be_used(in_bucket: Any, settings: Settings) -> None:
    [finding] = remote_storage_findings(default_storage, f"s3://{BUCKET}/files")
    assert finding.level == Level.OK
    assert not [name for name in names_in(in_bucket) if "doctor" in name]
    options = {**settings.STORAGES["default"]["OPTIONS"], "bucket_name": "no-such-bucket"}
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**settings.STORAGES["default"], "OPTIONS": options},
    }
    [finding] = remote_storage_findings(default_storage, "s3://no-such-bucket")
    assert finding.level == Level.PROBLEM
    assert "NoSuchBucket" in finding.sentence
