"""Files that belong to no version: left by a process that was killed in the middle."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.core.files.storage import Storage, default_storage

from jobs.reports.making.files import FOLDER
from jobs.reports.models import Artefact

BATCH = 500


def orphaned_files(older_than: datetime) -> Iterator[str]:
    """Yield the names, in the storage, of files before `older_than` that no artefact names.

    The files of a version that is being made have no row yet: `older_than` must lie further back
    than any run takes; a day is safe. Works with every storage that can list.
    """
    names = _names(default_storage)
    while batch := list(islice(names, BATCH)):
        known = set(Artefact.objects.filter(file__in=batch).values_list("file", flat=True))
        for name in batch:
            if name not in known and _is_older(name, older_than):
                yield name


def _names(storage: Storage) -> Iterator[str]:
    try:
        slugs, _ = storage.listdir(FOLDER)
    except FileNotFoundError:
        # Nothing has been stored yet.
        return
    for slug in slugs:
        _, files = storage.listdir(f"{FOLDER}/{slug}")
        yield from (f"{FOLDER}/{slug}/{file}" for file in files)


def _is_older(name: str, instant: datetime) -> bool:
    try:
        return default_storage.get_modified_time(name) < instant
    except FileNotFoundError:
        # Its version's maker, or another sweep, has removed it meanwhile.
        return False
