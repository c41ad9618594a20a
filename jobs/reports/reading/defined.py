"""Which reports are still defined, by code or by SQL; of others there are old versions to read."""

from collections.abc import Iterable

from jobs.reports.models import Report, SqlDefinition
from jobs.reports.registry import definitions_in_code


def undefined_among(reports: Iterable[Report]) -> set[int]:
    """Return the ids of those that nothing defines any more; asks the database once at most."""
    in_code = definitions_in_code()
    others = {report.pk for report in reports if report.slug not in in_code}
    written = SqlDefinition.objects.filter(pk__in=others).values_list("pk", flat=True)
    return others - set(written)
