"""What the verbs about files say at the command line."""

from collections.abc import Sequence

from django.conf import settings
from django.core.management.base import CommandError, CommandParser, OutputWrapper

from beat.as_code.difference import in_words, shown
from beat.as_code.plan import Plan, Step, StepKind, Wishes
from beat.as_code.problems import FileError
from beat.as_code.reading import Placed, read_files
from beat.as_code.schedule_text import FIELDS, NOTHING_SAID

SIGNS = {
    StepKind.ADD: "+",
    StepKind.CHANGE: "~",
    StepKind.ADOPT: "~",
    StepKind.RETURN: "~",
    StepKind.DISABLE: "-",
    StepKind.LEAVE: "!",
}
DONE = {
    StepKind.ADD: "is new",
    StepKind.CHANGE: "changes",
    StepKind.ADOPT: "is taken over from the admin",
    StepKind.RETURN: "is in the file again",
    StepKind.DISABLE: "is no longer in the file: disabled, its history kept",
    StepKind.LEAVE: "is no longer in the file and goes on as it is; --prune disables it",
}


def add_files(parser: CommandParser) -> None:
    """Add the files and what is to be adopted and pruned."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="Read together, as one.")
    parser.add_argument(
        "--adopt", nargs="+", default=[], metavar="KEY",
        help="Take over the admin's schedules that have the names of these.",
    )  # fmt: skip
    parser.add_argument("--adopt-all", action="store_true", help="Take over all of them.")
    parser.add_argument("--prune", action="store_true", help="Disable what is no longer there.")


def wishes_of(options: dict[str, object]) -> Wishes:
    """Return what the options ask for."""
    adopted: list[str] = ["*"] if options["adopt_all"] else list(options["adopt"])  # type: ignore[call-overload]
    return Wishes(frozenset(adopted), bool(options["prune"]))


def placed_of(files: Sequence[str]) -> list[Placed]:
    """Return what the files say; raises CommandError with every problem."""
    try:
        return read_files(files, settings.TIME_ZONE)
    except FileError as error:
        raise refused(error) from None


def refused(error: FileError) -> CommandError:
    """Return the end of a command that wrote nothing."""
    count = len(error.problems)
    were = "1 problem" if count == 1 else f"{count} problems"
    return CommandError(f"{error}\n{were}; nothing was written.")


def tell(plan: Plan, stdout: OutputWrapper, *, is_done: bool) -> None:
    """Print each step with what differs, and a last line that counts."""
    for step in plan.steps:
        stdout.write(f"{SIGNS[step.kind]} {step.key} ({step.name}) {DONE[step.kind]}")
        for line in _lines(step):
            stdout.write(f"    {line}")
    changes = sum(step.kind is not StepKind.LEAVE for step in plan.steps)
    ending = "written" if is_done else "to write"
    stdout.write(f"{changes} {ending}, {plan.same} the same.")


def _lines(step: Step) -> list[str]:
    if step.text is None:
        return []
    if step.stored is not None and step.stored.text is not None:
        return in_words(step.stored.text, step.text, list(step.names))
    text = step.text
    return [
        f"{name}: {shown(text, name)}"
        for name in FIELDS
        if name != "name" and getattr(text, name) != getattr(NOTHING_SAID, name)
    ]
