"""What the verbs that do something to schedules have in common: which ones, who asks, and yes."""

import socket
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser, OutputWrapper
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django_celery_beat.models import PeriodicTask

from beat.access.asker import Asker
from beat.actions.outcome import ActionRefusedError, Outcome, counted

Do = Callable[[list[int], Asker], Outcome]


def add_schedules(parser: CommandParser) -> None:
    """Add the arguments that say which schedules, who asks and why."""
    parser.add_argument(
        "schedules", nargs="*", metavar="SCHEDULE", help="A name, a key of a file, or an id."
    )
    parser.add_argument("--tag", help="All schedules with this tag.")
    parser.add_argument("--task", help="All schedules of this task.")
    parser.add_argument("--all", action="store_true", help="All schedules.")
    parser.add_argument("--why", default="", help="Kept in the audit trail.")
    parser.add_argument("--by", metavar="USER", help="In whose name, and by whose permissions.")
    parser.add_argument("--yes", action="store_true", help="Do not ask before more than one.")


def act(verb: str, options: dict[str, Any], stdout: OutputWrapper, do: Do) -> int:
    """Do it to the chosen schedules and print what came of it; 1 when some were refused.

    Raises CommandError for what keeps all of it from being done.
    """
    ids = chosen(options)
    require_yes(verb, ids, options)
    try:
        outcome = do(ids, asker_of(options))
    except ActionRefusedError as problem:
        raise CommandError(f"{problem} Nothing was done.") from None
    stdout.write("\n".join(filter(None, [outcome.done_sentence(), *_refusals(outcome)])))
    for made in outcome.made:
        stdout.write(str(made))
    return int(bool(outcome.refused))


def chosen(options: dict[str, Any]) -> list[int]:
    """Return the ids of the schedules that the options name; raises CommandError."""
    words: list[str] = options["schedules"]
    asked = [bool(words), bool(options["tag"]), bool(options["task"]), options["all"]]
    if sum(asked) != 1:
        raise CommandError("Say which schedules: by name, or with one of --tag, --task and --all.")
    if words:
        return [_id_of(word) for word in words]
    ids = list(_of_options(options).order_by("pk").values_list("pk", flat=True))
    if not ids:
        raise CommandError("No schedule is like that. Look at their names in the admin's list.")
    return ids


def _of_options(options: dict[str, Any]) -> QuerySet[PeriodicTask]:
    schedules: QuerySet[PeriodicTask] = PeriodicTask.objects.all()
    if options["tag"]:
        return schedules.filter(details__tags__name=options["tag"])
    if options["task"]:
        return schedules.filter(task=options["task"])
    return schedules


def _id_of(word: str) -> int:
    """Return the schedule of this name, else of this key or id."""
    for condition in (Q(name=word), Q(code__key=word), Q(pk=_number(word))):
        pk: int | None = PeriodicTask.objects.filter(condition).values_list("pk", flat=True).first()
        if pk is not None:
            return pk
    raise CommandError(f"There is no schedule {word!r}. Write its name as the admin's list has it.")


def _number(word: str) -> int:
    return int(word) if word.isascii() and word.isdigit() and len(word) < 18 else 0


def asker_of(options: dict[str, Any]) -> Asker:
    """Return who asks; raises CommandError for an unknown user."""
    if not options["by"]:
        return Asker.at_command_line()
    user = User.objects.filter(username=options["by"], is_active=True).first()
    if user is None:
        raise CommandError(f"There is no user {options['by']!r}. Leave --by out, or name another.")
    return Asker(user.pk, user.get_username(), "command line", socket.gethostname())


def require_yes(verb: str, ids: list[int], options: dict[str, Any]) -> None:
    """Say how many and ask once, before more than one; raises CommandError without a yes."""
    if len(ids) == 1 or options["yes"]:
        return
    question = f"{verb} {counted(len(ids), 'schedule')}"
    if not sys.stdin.isatty():
        raise CommandError(f"This would {question}. Add --yes to do it.")
    if input(f"{question}? Type yes: ").strip().lower() != "yes":
        raise CommandError("Nothing was done.")


def instant(text: str | None, option: str) -> datetime | None:
    """Return the instant that an option says, by the site's clock; raises CommandError."""
    if not text:
        return None
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise CommandError(f"{option} is {text!r}; write 2026-12-24T18:00 or 2026-12-24T18:00Z.")
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def required_instant(text: str, option: str) -> datetime:
    """Return the instant that an option says; raises CommandError."""
    found = instant(text, option)
    if found is None:
        raise CommandError(f"{option} is empty; write 2026-12-24T18:00.")
    return found


def _refusals(outcome: Outcome) -> list[str]:
    return [f"Refused for {one.name}: {one.why}" for one in outcome.refused]
