"""The sources that reports in SQL ask: can each be reached, and only be read?"""

from jobs.reports.sql.answer import Question
from jobs.reports.sql.errors import QueryError
from jobs.reports.sql.sources import Source, answered
from jobs.reports.sql.statement import checked_statement
from scheduler_site.doctor.findings import Finding, ok, problem
from scheduler_site.doctor.wording import place

SUBJECT = "sources"
SECONDS = 5
ADVICE = "Correct REPORT_SOURCES; docs/reports.md says what a source needs."


def sources_findings(named: dict[str, str]) -> list[Finding]:
    """Return whether each source, a URL by its name, answers as a report would ask it.

    A report asks nothing of a login that may write, so such a one is found here too.
    """
    if not named:
        return [ok(SUBJECT, "REPORT_SOURCES names no source.")]
    return [_finding(Source(name, url)) for name, url in sorted(named.items())]


def _finding(source: Source) -> Finding:
    question = Question(checked_statement("SELECT 1 AS one", []), {}, "UTC", SECONDS)
    try:
        with answered(source, question) as answer:
            list(answer.rows)
    except QueryError as error:
        return problem(SUBJECT, f"Reports cannot ask {source.name!r}: {error}", ADVICE)
    where = place(source.url) if source.scheme.startswith("postgres") else source.path
    return ok(SUBJECT, f"{source.name!r} ({where}) answers, and can only be read.")
