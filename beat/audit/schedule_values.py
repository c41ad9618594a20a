"""What operators can set on schedules, as text: read as plain columns, a text made once for each.

A bulk action reads ten thousand schedules twice. Rows of models would cost most of its time.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db.models import Model
from django_celery_beat.models import PeriodicTask

from beat.audit.rule_values import RULES, RuleValues
from beat.audit.texts import columns_of, plain_text, values_of_row
from beat.models import Policy, ScheduleDetails, Source

# Beat's own, the code's, or shown in words of their own.
NOT_OF_THE_OPERATOR = frozenset(
    {"id", "schedule", "last_run_at", "total_run_count", "date_changed", *RULES}
)
RULE_IDS = tuple(f"{kind}_id" for kind in RULES)
# Where the name of a row is told, not its id.
NAMED = {"calendar": "calendar__name"}
BESIDES = ("details__owner__name", "code__source", "code__is_in_code")

Values = dict[str, str]


class Texts(dict[Any, str]):
    """The texts of a column's values, each made when it is first asked for."""

    def __init__(self, make: Callable[[Any], str]) -> None:
        """Begin with no text."""
        super().__init__()
        self._make = make

    def __missing__(self, value: Any) -> str:
        """Make the text, and keep it."""
        text = self[value] = self._make(value)
        return text


class ColumnsOfModel:
    """The operator's columns of a model, below `prefix`, and their texts."""

    def __init__(self, model: type[Model], prefix: str = "") -> None:
        """Read no row yet."""
        columns = columns_of(model, NOT_OF_THE_OPERATOR)
        self.paths = [prefix + NAMED.get(column.column, column.column) for column in columns]
        self._named = [(column.name, Texts(column.text)) for column in columns]

    def values(self, row: Sequence[Any]) -> Values:
        """Return the values of these columns by their readable names."""
        return {name: texts[value] for (name, texts), value in zip(self._named, row, strict=True)}


class ScheduleValues:
    """Reads schedules; it remembers rules and texts from one chunk to the next."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._rules = RuleValues()
        self._own, self._policy = ColumnsOfModel(PeriodicTask), ColumnsOfModel(Policy, "policy__")

    def of(self, ids: Collection[int]) -> dict[int, Values]:
        """Return the values of each of the schedules that exists; six queries at the most."""
        own, policy = self._own.paths, self._policy.paths
        schedules = PeriodicTask.objects.filter(pk__in=ids)
        rows = list(schedules.values_list("pk", *RULE_IDS, *own, "policy__pk", *policy, *BESIDES))
        self._rules.read(row[1 : len(RULES) + 1] for row in rows)
        tags = _tags(ids)
        return {row[0]: self._values(row[1:]) | {"tags": tags[row[0]]} for row in rows}

    def _values(self, row: Sequence[Any]) -> Values:
        """Return the values of one schedule; `row` begins with the ids of its rules."""
        rule_ids, row = tuple(row[: len(RULES)]), row[len(RULES) :]
        own, row = row[: len(self._own.paths)], row[len(self._own.paths) :]
        policy_id, policy, (owner, source, is_in_code) = row[0], row[1:-3], row[-3:]
        # Without a row the defaults hold: to write them down as a row is no change.
        rules = self._policy.values(policy) if policy_id is not None else _default_policy()
        return {
            **self._own.values(own),
            **self._rules.of(rule_ids),
            **rules,
            "owner": plain_text(owner),
            "comes from": str(Source(source).label) if is_in_code else "",
        }


@lru_cache
def _default_policy() -> Values:
    return values_of_row(Policy(), NOT_OF_THE_OPERATOR)


def _tags(ids: Iterable[int]) -> dict[int, str]:
    """Return the names of the tags of each schedule, in order, in one text."""
    links = ScheduleDetails.tags.through.objects.filter(scheduledetails_id__in=ids)
    found: dict[int, list[str]] = defaultdict(list)
    for schedule_id, name in links.order_by("tag__name").values_list(
        "scheduledetails_id", "tag__name"
    ):
        found[schedule_id].append(name)
    return defaultdict(str, {id_: ", ".join(names) for id_, names in found.items()})
