"""Making a version: content, then every file, then all rows at once."""

from jobs.reports.making.versions import make_version

__all__ = ["make_version"]
