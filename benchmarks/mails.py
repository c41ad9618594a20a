"""Mails of a report per second, beside the shortest loop that smtplib allows.

Both talk to the same SMTP server, a process of its own, over one connection, with mails of the same
size, in turns. The loop has one text for all, keeps no record, and would send everything again
after a crash.
"""

import smtplib
import statistics
import tempfile
import time
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import print_heading, print_row
from benchmarks.stage import say
from tests.servers.smtp_process import SmtpProcess

if TYPE_CHECKING:
    from jobs.reports.models import Version

SENDER = "punctual@example.org"


def measure(database: str, options: Namespace) -> None:
    """Print a row for a small mail, and for one with a chart and a file."""
    print_heading("database", "|size of a mail", "|smtplib", "|Punctual", "|share")
    with tempfile.TemporaryDirectory() as folder, SmtpProcess(Path(folder)) as server:
        _use(server)
        for is_large in (False, True):
            _print_row(database, server, options, is_large=is_large)


def _use(server: SmtpProcess) -> None:
    from django.conf import settings

    settings.EMAIL_HOST, settings.EMAIL_PORT = server.host, server.port
    settings.DEFAULT_FROM_EMAIL = SENDER


def _print_row(database: str, server: SmtpProcess, options: Namespace, *, is_large: bool) -> None:
    from jobs.reports.delivery.letters import letter_of

    plain, ours = [], []
    # A worker has all its code loaded.
    _planned(10, is_large=is_large)
    _punctual_seconds(10)
    for number in range(options.rounds):
        say(f"{database}, round {number + 1}: {options.mails} mails each")
        version = _planned(options.mails, is_large=is_large)
        letter = letter_of(version, ["pdf"] if is_large else [])
        text = letter.content_for("reader-1@example.org", "-" * 32).removesuffix(b"\r\n.\r\n")
        plain.append(options.mails / _smtplib_seconds(server, text, options.mails))
        ours.append(options.mails / _punctual_seconds(options.mails))
    medians = statistics.median(plain), statistics.median(ours)
    print_row(
        database,
        f"{len(text) / 1000:,.0f} KB",
        *(f"{rate:,.0f}/s" for rate in medians),
        f"{medians[1] / medians[0]:.0%}",
    )


def _planned(mails: int, *, is_large: bool) -> "Version":
    """Return a version with so many mails to send; nobody gets the versions before."""
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    from jobs.reports.models import Artefact, Subscription
    from tests.integration.mailed_reports import a_version, content, outside, planned

    Subscription.objects.all().delete()
    outside(mails)
    version = a_version(content=content(chart=is_large))
    if is_large:
        Subscription.objects.update(attached_formats=["pdf"])
        name = default_storage.save("reports/benchmark.pdf", ContentFile(b"%PDF-" + b"." * 50_000))
        Artefact.objects.create(version=version, format="pdf", file=name, size_bytes=50_005)
    return planned(version)


def _smtplib_seconds(server: SmtpProcess, text: bytes, mails: int) -> float:
    with smtplib.SMTP(server.host, server.port) as client:
        client.ehlo()
        began = time.perf_counter()
        for number in range(mails):
            client.sendmail(SENDER, [f"reader-{number}@example.org"], text)
        return time.perf_counter() - began


def _punctual_seconds(mails: int) -> float:
    from jobs.reports.delivery.tasks import deliver

    began = time.perf_counter()
    counts = deliver.apply().get()
    seconds = time.perf_counter() - began
    if counts != {"sent": mails}:
        raise RuntimeError(f"It did not send {mails} mails: {counts}")
    return seconds
