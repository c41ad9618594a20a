"""What an action would do, in sentences: what people read before they say yes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from beat.access.asker import Asker
from beat.actions import delete, run_now
from beat.actions.outcome import counted
from beat.actions.permitted import Permitted
from beat.actions.rehearse import address_of
from beat.actions.resume import missed_in_pause
from beat.actions.retry_and_cancel import MOST_RUNS, failed_runs, runs_under_way
from beat.actions.skip_next import coming_of
from beat.actions.undo_skip import skipped_to_come
from beat.models import Policy
from jobs.runs.states import Overlap

SHOWN = 10
PAUSE = (
    "What falls due in the pause is skipped and written down with the reason. Runs under way go on."
)
BACKFILL = (
    "Occurrences of a span of the past are run, oldest first. Those that have a run already "
    "are not repeated. First it is only counted: nothing runs yet."
)
NOTHING_SKIPPED = "Nothing that is to come is skipped by hand."
NOTHING_UNDER_WAY = "None of its runs is under way."
# Then there is nothing to say yes to.
IN_VAIN = {NOTHING_SKIPPED, NOTHING_UNDER_WAY}
OVERLAPS = {
    Overlap.SKIP: "the new run will be skipped if that one is still under way when it is sent",
    Overlap.QUEUE_ONE: "the new run waits for its end",
    Overlap.QUEUE_ALL: "the new run waits for its end",
    Overlap.CANCEL_PREVIOUS: "that run will be cancelled",
}


class Asked(NamedTuple):
    """What a question is about, and who is asked."""

    those: Permitted
    asker: Asker


def shown_at(instant: datetime) -> str:
    """Return an instant by the site's clock, to the second."""
    return f"{timezone.localtime(instant):%Y-%m-%d %H:%M:%S}"


def before_enable(asked: Asked) -> list[str]:
    """Say that nothing is made up for."""
    one = "It is due from now on. What it has missed while it was disabled does not run."
    many = "They are due from now on. What they have missed while they were disabled does not run."
    return [_said(asked, one, many)]


def before_disable(asked: Asked) -> list[str]:
    """Say what is lost, and what loses nothing."""
    one = "It is not due any more until it is enabled."
    many = "They are not due any more until they are enabled."
    return [
        (
            f"{_said(asked, one, many)} Nothing is written down meanwhile; to keep a record of "
            "what is skipped, pause instead."
        )
    ]


def before_duplicate(asked: Asked) -> list[str]:
    """Say what a copy has, and what not."""
    return [
        (
            f'{_said(asked, "The", "Each")} copy is called "Copy of …", is disabled, and has the '
            "same rule, arguments, policy, owner and tags. It has no history."
        )
    ]


def before_run(asked: Asked) -> list[str]:
    """Say that it runs whatever its state, and what its overlap makes of it."""
    sentences = [
        (
            f"{_said(asked, 'A run is', 'A run of each is')} sent to a worker at once, beside what "
            "is due anyway. It runs even while the schedule is paused or disabled."
        )
    ]
    run = run_now.under_way(asked.those.ids)
    if run is not None:
        policy = Policy.objects.filter(pk=asked.those.ids[0]).first() or Policy()
        what = OVERLAPS.get(Overlap(policy.overlap))
        if what:
            sentences.append(
                f"A run of this schedule, due {shown_at(run.due_at)}, is {run.state}. "
                f"By the policy {what}."
            )
    return sentences


def before_rehearsal(asked: Asked) -> list[str]:
    """Say what a rehearsal undoes and what it cannot."""
    address = address_of(asked.asker)
    mail = f"Its mail goes to you, {address}." if address else (
        "Its mail is held back, because your account has no address; the log says what it was."
    )  # fmt: skip
    return [
        (
            f"{_said(asked, 'The', 'Each')} task runs as it would, but what it writes into the "
            f"database is undone at the end. {mail} What it says and returns is shown on the page "
            "of its run."
        ),
        "What it does elsewhere is done all the same: files, and calls of other systems.",
    ]


def before_resume(asked: Asked) -> list[str]:
    """Say how many occurrences were missed."""
    again = _said(
        asked,
        "It runs again from its next occurrence on.",
        "They run again from their next occurrences on.",
    )
    missed = sum(len(found.instants) for found in missed_in_pause(asked.those, timezone.now()))
    if not missed:
        return [f"{again} Nothing was missed so far."]
    return [
        again,
        f"{counted(missed, 'occurrence')} {'was' if missed == 1 else 'were'} missed in the pause.",
    ]


def before_skip(asked: Asked) -> list[str]:
    """Say which occurrences it would be."""
    coming, refused = coming_of(asked.those, timezone.now())
    sentences = [
        f"{one.name}: the occurrence of {shown_at(one.due_at)} will be skipped."
        for one in coming[:SHOWN]
    ]
    if len(coming) > SHOWN:
        sentences.append(f"… and those of {counted(len(coming) - SHOWN, 'other schedule')}.")
    return sentences + [f"{one.name}: {one.why}" for one in refused[:SHOWN]]


def before_undo_skip(asked: Asked) -> list[str]:
    """Say which occurrences would run after all."""
    skipped = skipped_to_come(asked.those.ids, timezone.now())
    names = asked.those.names
    sentences = [
        f"{names[one.schedule_id]}: the occurrence of {shown_at(one.due_at)} will run after all."
        for one in skipped[:SHOWN]
    ]
    if len(skipped) > SHOWN:
        sentences.append(f"… and {counted(len(skipped) - SHOWN, 'other one')}.")
    return sentences or [NOTHING_SKIPPED]


def before_retry(asked: Asked) -> list[str]:
    """Say how many failed in the last day."""
    since = timezone.now() - timedelta(days=1)
    count = failed_runs(asked.those.ids, since).order_by()[: MOST_RUNS + 1].count()
    number = f"More than {MOST_RUNS:,} runs" if count > MOST_RUNS else counted(count, "run")
    return [
        (
            f"{number} failed within the last day and {'was' if count == 1 else 'were'} not "
            "started again yet. Each is started once more, as a new run of the same logical time."
        )
    ]


def before_cancel(asked: Asked) -> list[str]:
    """Say how many are under way."""
    count = runs_under_way(asked.those.ids).order_by()[: MOST_RUNS + 1].count()
    if not count:
        return [NOTHING_UNDER_WAY]
    number = f"More than {MOST_RUNS:,} runs" if count > MOST_RUNS else counted(count, "run")
    verb = "is" if count == 1 else "are"
    return [f"{number} {verb} under way. What waits is cancelled, what runs is asked to end."]


def before_delete(asked: Asked) -> list[str]:
    """Say what stays."""
    one = "The schedule and its policy are deleted, and it is not due any more."
    many = "The schedules and their policies are deleted, and they are not due any more."
    sentences = [
        (
            f"{_said(asked, one, many)} {delete.kept_runs(asked.those.ids)} in the history, under "
            f"{_said(asked, 'its name', 'their names')}."
        )
    ]
    count = delete.under_way(asked.those.ids)
    if count:
        verb = "is" if count == 1 else "are"
        sentences.append(f"{counted(count, 'run')} {verb} under way and will go on.")
    return sentences


def names(those: Permitted) -> Sequence[str]:
    """Return the first names, for the list of what it is about."""
    return list(those.names.values())[:SHOWN]


def _said(asked: Asked, one: str, many: str) -> str:
    return one if len(asked.those.ids) == 1 else many
