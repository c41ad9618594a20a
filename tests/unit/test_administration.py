"""Celery's processes start without what pages and few tasks need, and know the addresses."""

import os
import subprocess
import sys

import pytest

from scheduler_site.administration import is_celery

LOOK = """
import sys
import django
from django.urls import reverse
sys.argv[0] = "/srv/.venv/bin/celery"
django.setup()
from scheduler_site import celery_app
celery_app.loader.import_default_modules()
print({"beat.admin", "css_inline", "psycopg", "typst", "xlsxwriter"} & set(sys.modules))
print(reverse("admin:django_celery_beat_periodictask_changelist"))
"""


@pytest.mark.parametrize(
    ("program", "is_so"),
    [
        ("/srv/.venv/bin/celery", True),
        ("/srv/.venv/lib/python3.11/site-packages/celery/__main__.py", True),
        ("manage.py", False),
        ("/srv/.venv/bin/gunicorn", False),
        ("", False),
    ],
)
def test_celerys_command_line_is_told_apart(program: str, is_so: bool) -> None:
    assert is_celery(program) is is_so


def test_a_worker_reads_all_tasks_and_the_admin_only_when_it_needs_an_address() -> None:
    # Django's checks, which Celery runs at the start, read all pages.
    environment = {
        **os.environ,
        "CELERY_SKIP_CHECKS": "1",
        "DJANGO_SETTINGS_MODULE": "scheduler_site.settings",
    }
    looked = subprocess.run(
        [sys.executable, "-c", LOOK], env=environment, capture_output=True, text=True, check=False
    )
    assert looked.stdout.splitlines() == [
        "set()",
        "/admin/django_celery_beat/periodictask/",
    ], looked.stderr
