"""The static files of the pages: collected where the web server looks for them."""

import json
from pathlib import Path

from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage

from scheduler_site.doctor.findings import Finding, ok, problem

SUBJECT = "static"
ADVICE = "Run `manage.py collectstatic --noinput`, then start web again."


def static_findings(folder: Path, debug: bool) -> list[Finding]:
    """Return whether `folder` holds every static file of the installed apps, by its name."""
    if debug:
        return [ok(SUBJECT, "With DEBUG on, static files are served from where they are.")]
    manifest = folder / ManifestStaticFilesStorage.manifest_name
    if not manifest.is_file():
        return [problem(SUBJECT, f"{manifest} is missing: every page answers 500.", ADVICE)]
    collected = json.loads(manifest.read_text(encoding="utf-8"))["paths"]
    missing = [name for name in _names_of_all() if name not in collected]
    if not missing:
        return [ok(SUBJECT, f"{len(collected)} static files are collected.")]
    sentence = f"{len(missing)} static files are not collected, {missing[0]} among them."
    return [problem(SUBJECT, sentence, ADVICE)]


def _names_of_all() -> list[str]:
    return [Path(name).as_posix() for finder in get_finders() for name, _ in finder.list([])]
