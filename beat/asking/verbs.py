"""The actions as pages ask for them: their words, their form, and the function that does each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from beat.access.asker import Asker
from beat.access.deciding import Act
from beat.actions.backfill import backfill
from beat.actions.delete import delete
from beat.actions.duplicate import duplicate
from beat.actions.outcome import Outcome
from beat.actions.pause import pause
from beat.actions.rehearse import rehearse
from beat.actions.resume import Missed, resume
from beat.actions.retry_and_cancel import CANCEL, RETRY, cancel_runs, retry_failed
from beat.actions.run_now import run_now
from beat.actions.skip_next import skip_next
from beat.actions.switch import disable, enable
from beat.actions.undo_skip import undo_skip
from beat.asking import forms, questions
from beat.backfills.instants import Span

Answers = Mapping[str, Any]
Do = Callable[[list[int], Asker, Answers], Outcome]
Say = Callable[[questions.Asked], list[str]]


@dataclass(frozen=True)
class Verb:
    """An action: what its button says, what it needs, what is asked, and what does it.

    `permission` is one that it needs besides the right to act on the schedule.
    """

    name: str
    label: str
    act: Act
    say: Say
    do: Do
    form: type[forms.AskingForm] = forms.AskingForm
    permission: str = ""
    is_dangerous: bool = False
    takes_arguments: bool = False


def _run(ids: list[int], asker: Asker, answers: Answers) -> Outcome:
    return run_now(ids, asker, **_of_run(answers))


def _rehearse(ids: list[int], asker: Asker, answers: Answers) -> Outcome:
    return rehearse(ids, asker, **_of_run(answers))


def _of_run(answers: Answers) -> dict[str, Any]:
    return {name: answers.get(name) for name in ("args", "kwargs", "due_at", "why", "token")}


def _pause(ids: list[int], asker: Asker, answers: Answers) -> Outcome:
    return pause(ids, asker, reason=answers["why"], until=answers["until"])


def _resume(ids: list[int], asker: Asker, answers: Answers) -> Outcome:
    return resume(ids, asker, missed=Missed(answers["missed"]), why=answers["why"])


def _skip(ids: list[int], asker: Asker, answers: Answers) -> Outcome:
    return skip_next(ids, asker, why=answers["why"], due_at=answers["due_at"])


def _backfill(ids: list[int], asker: Asker, answers: Answers) -> Outcome:
    span = Span(answers["from_at"], answers["before_at"])
    return backfill(
        ids, asker, span, at_most=answers["at_most"], pace_seconds=answers["pace_seconds"],
        why=answers["why"], token=answers.get("token"),
    )  # fmt: skip


def _retry(ids: list[int], asker: Asker, answers: Answers) -> Outcome:
    return retry_failed(ids, asker, since=answers["since"], why=answers["why"])


def _plain(do: Callable[..., Outcome]) -> Do:
    def plainly(ids: list[int], asker: Asker, answers: Answers) -> Outcome:
        return do(ids, asker, why=answers["why"])

    return plainly


def _text(text: str) -> Say:
    return lambda _: [text]


ALL = (
    Verb("run", "Run now", Act.OPERATE, questions.before_run, _run, forms.RunForm,
         takes_arguments=True),
    Verb("rehearse", "Rehearse", Act.OPERATE, questions.before_rehearsal, _rehearse,
         forms.RunForm, takes_arguments=True),
    Verb("pause", "Pause", Act.OPERATE, _text(questions.PAUSE), _pause, forms.PauseForm),
    Verb("resume", "Resume", Act.OPERATE, questions.before_resume, _resume, forms.ResumeForm),
    Verb("skip-next", "Skip the next", Act.OPERATE, questions.before_skip, _skip, forms.SkipForm),
    Verb("undo-skip", "Undo skips", Act.OPERATE, questions.before_undo_skip, _plain(undo_skip)),
    Verb("backfill", "Backfill", Act.OPERATE, _text(questions.BACKFILL), _backfill,
         forms.BackfillForm),
    Verb("retry-failed", "Start failed runs again", Act.OPERATE, questions.before_retry, _retry,
         forms.RetryForm, permission=RETRY),
    Verb("cancel-runs", "Cancel runs under way", Act.OPERATE, questions.before_cancel,
         _plain(cancel_runs), permission=CANCEL, is_dangerous=True),
    Verb("enable", "Enable", Act.CHANGE, questions.before_enable, _plain(enable)),
    Verb("disable", "Disable", Act.CHANGE, questions.before_disable, _plain(disable)),
    Verb("duplicate", "Duplicate", Act.ADD, questions.before_duplicate, _plain(duplicate)),
    Verb("delete", "Delete", Act.DELETE, questions.before_delete, _plain(delete),
         is_dangerous=True),
)  # fmt: skip
VERBS = {verb.name: verb for verb in ALL}
