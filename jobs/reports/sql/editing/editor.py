"""All forms of a report that is written in SQL, and what they mean together."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jobs.reports.models import Report, SqlDefinition
from jobs.reports.parameters import ParameterError, check_declared
from jobs.reports.sql.editing.forms import QueryForm, WordsForm
from jobs.reports.sql.editing.rows import ColumnRows, ParameterRows, SectionRows
from jobs.reports.sql.errors import QueryError
from jobs.reports.sql.statement import checked_statement
from jobs.reports.sql.stored import PERIOD_NAMES
from jobs.reports.values import Cell

CHANGED_MEANWHILE = (
    "Somebody has changed this report since you opened this page. What you wrote is still here. "
    "Look at the report as it is now in another tab; save again to write yours over it."
)


class SqlEditor:
    """The forms of one report, empty, filled or posted. `stored` is None for a new one."""

    def __init__(self, stored: SqlDefinition | None, data: Mapping[str, Any] | None = None) -> None:
        self.stored, self.data = stored, data
        report = stored.report if stored else Report()
        self.definition = stored or SqlDefinition(report=report)
        self.words = WordsForm(data, instance=report, prefix="words")
        self.query = QueryForm(data, instance=self.definition, prefix="query")
        self.parameters = ParameterRows(data, prefix="parameters", initial=self._parameters())
        self.columns = ColumnRows(data, prefix="columns", initial=self.definition.columns)
        self.sections = SectionRows(data, prefix="sections", initial=self._sections())
        self.problem = ""

    @property
    def version(self) -> str:
        """Return what the page posts to say which state of the report it was made from."""
        changed_at: datetime | None = self.stored.changed_at if self.stored else None
        return changed_at.isoformat() if changed_at else ""

    def is_valid(self) -> bool:
        """Tell whether it can be saved or asked; every mistake has a sentence at its field."""
        forms = (self.words, self.query, self.parameters, self.columns, self.sections)
        # All of them, also after the first mistake: people want to see them together.
        if not all([form.is_valid() for form in forms]):  # noqa: C419
            return False
        try:
            self._apply()
        except ParameterError as problem:
            self.problem = str(problem)
        except QueryError as problem:
            self.query.add_error("query", str(problem))
        return not self.problem and not self.query.errors

    def is_current(self) -> bool:
        """Tell whether nobody has changed the report since the page was shown."""
        if self.stored is None or (self.data or {}).get("version") == self.version:
            return True
        self.problem = CHANGED_MEANWHILE
        return False

    def examples(self) -> dict[str, Cell]:
        """Return the value of each parameter for a preview; raise ParameterError."""
        found: dict[str, Cell] = {}
        for row in self.parameters.kept:
            parameter, example = row.parameter, row.cleaned_data["example"]
            found[parameter.name] = parameter.read(example) if example else parameter.default
            if found[parameter.name] is None:
                raise ParameterError(
                    f"The parameter {parameter.name!r} has no default. Write what the preview "
                    "shall take for it."
                )
        return found

    def save(self) -> Report:
        """Write the report and its definition; belongs into a transaction."""
        report: Report = self.words.save()
        self.definition.report = report
        self.definition.save()
        return report

    def _apply(self) -> None:
        """Bring what was posted into the definition, and check what one form alone cannot."""
        parameters = [row.parameter for row in self.parameters.kept]
        check_declared(parameters)
        names = [*PERIOD_NAMES, *(one.name for one in parameters)]
        checked_statement(self.definition.query, names)
        self.definition.parameters = self.parameters.as_json()
        self.definition.columns = self.columns.as_json()
        self.definition.sections = self.sections.as_json()

    def _parameters(self) -> list[dict[str, Any]]:
        return [
            one
            | {
                "kind": "choice" if one.get("choices") else one["type"],
                "choices": ", ".join(one.get("choices", ())),
            }
            for one in self.definition.parameters
        ]

    def _sections(self) -> list[dict[str, Any]]:
        return [one | {"columns": ", ".join(one["columns"])} for one in self.definition.sections]
