"""A crontab of 30 jobs imports, syncs and exports as the same schedules."""

from pathlib import Path

import pytest
from django.core.management.base import CommandError
from django_celery_beat.models import PeriodicTask

from beat.as_code.from_rows import stored_schedules
from beat.as_code.reading import read
from tests.integration.file_schedules import Files

CRONTAB = str(Path(__file__).parents[1] / "cases" / "crontab_of_a_server")
pytestmark = pytest.mark.django_db


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Return a folder for files of schedules."""
    return Files(tmp_path)


def test_thirty_jobs_import_sync_and_export_as_the_same_schedules(files: Files) -> None:
    code, imported = files.run("import-crontab", CRONTAB)
    assert code == 0
    texts = [placed.text for placed in read(imported, "f", "UTC")]
    # 29 jobs that have a time, two of which are two schedules, and @reboot.
    assert len(texts) == 31
    path = files.write(imported)
    files.run("sync", path)
    assert files.run("diff", path) == (0, "0 to write, 31 the same.\n")
    stored = {item.key: item.text for item in stored_schedules(PeriodicTask.objects.all())}
    assert stored == {text.key: text for text in texts}
    exported = files.write(files.run("export")[1], "exported.yaml")
    assert files.run("sync", exported) == (0, "0 written, 31 the same.\n")


def test_an_import_may_be_synced_at_once_and_again(files: Files) -> None:
    assert "31 written" in files.run("import-crontab", CRONTAB, "--sync")[1]
    assert files.run("import-crontab", CRONTAB, "--sync")[1] == "0 written, 31 the same.\n"


def test_everything_that_has_no_counterpart_is_explained(files: Files) -> None:
    _, imported = files.run("import-crontab", CRONTAB)
    for explanation in (
        "# Line 4: SHELL: the commands below are run by this shell.",
        "# Line 6: MAILTO: cron mails what a command prints",
        "@reboot is not imported: the start of a machine is no time.",
        "Day of month and day of week: either is enough for cron.",
        "The text after % is its standard input, as cron reads it.",
        "# 0 5 * * * /srv/shop/bin/switched-off",
    ):
        assert explanation in imported
    assert "Take the database to the other site\n      (three nights are kept)" in imported


def test_a_line_that_cannot_be_read_ends_with_1_after_all_others(files: Files) -> None:
    path = files.write("0 1 * * * a\n99 * * * * b\n", "crontab")
    with pytest.raises(CommandError, match="Line 2: The minute '99' is outside 0 to 59"):
        files.run("import-crontab", path, "--sync")
    assert PeriodicTask.objects.get().name == "a"
