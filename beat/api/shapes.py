"""What the API takes and answers, for the OpenAPI file."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Schema
from pydantic import AwareDatetime

from beat.actions.resume import Missed

# No database keeps a zero character.
WITHOUT_ZERO = r"^[^\x00]*$"
Why = Annotated[str, Field(max_length=1000, pattern=WITHOUT_ZERO)]


class Words(Schema):
    """A schedule in the words of a file (docs/schedules-as-code.md); null is the default."""

    model_config = {"extra": "forbid"}

    name: str | None = Field(None, description="Its name; no two have the same.")
    task: str | None = Field(None, description="The task's name, such as reports.make.")
    when: dict[str, Any] | None = Field(
        None,
        description="One of crontab (with timezone), every, at (with timezone), solar.",
        examples=[{"crontab": "0 9 * * mon-fri", "timezone": "Europe/Berlin"}],
    )
    description: str | None = None
    args: list[Any] | None = None
    kwargs: dict[str, Any] | None = None
    enabled: bool | None = None
    one_off: bool | None = None
    starts_at: str | None = Field(None, description="An instant with its offset from UTC.")
    expires_at: str | None = Field(None, description="An instant with its offset from UTC.")
    runs_expire_after_seconds: int | None = None
    queue: str | None = None
    exchange: str | None = None
    routing_key: str | None = None
    priority: int | None = None
    headers: dict[str, Any] | None = None
    policy: dict[str, Any] | None = Field(
        None, description="What differs from the defaults; it replaces the whole policy."
    )
    owner: str | None = Field(None, description="The name of a group.")
    tags: list[str] | None = None


class Pause(Schema):
    """A pause in force."""

    reason: str
    until: datetime | None = Field(description="null: until somebody resumes it.")


class Schedule(Schema):
    """A schedule and what beat makes of it."""

    id: int
    name: str
    task: str
    key: str | None = Field(description="Its key in a file; null: no file has it.")
    is_read_only: bool = Field(description="It comes from the code and is changed there.")
    is_enabled: bool
    when: str = Field(description="Its rule in words.")
    next_due_at: datetime | None
    set_aside: str = Field(description="Why beat cannot use it; empty: it can.")
    pause: Pause | None
    words: dict[str, Any] | None = Field(description="As a file says it; null while it is broken.")


class Schedules(Schema):
    """A page of schedules."""

    items: list[Schedule]
    next: int | None = Field(description="Send it as `after` for the next page; null: the last.")


class Run(Schema):
    """One execution."""

    id: UUID
    schedule_id: int | None
    schedule_name: str
    task: str
    kind: str
    state: str
    reason: str
    reason_text: str
    attempt: int
    due_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: str


class Runs(Schema):
    """A page of runs, newest first."""

    items: list[Run]
    next: str | None = Field(description="Send it as `before` for the next page; null: the last.")


class RunOrder(Schema):
    """How to run a schedule now."""

    model_config = {"extra": "forbid"}

    args: list[Any] | None = Field(None, description="Instead of the schedule's own.")
    kwargs: dict[str, Any] | None = Field(None, description="Instead of the schedule's own.")
    due_at: AwareDatetime | None = Field(
        None, description="The logical time, with its offset from UTC; else now."
    )
    why: Why = ""
    token: UUID | None = Field(
        None, description="The same one asks once, however often it is sent."
    )


class PauseOrder(Schema):
    """Why to pause a schedule, and until when."""

    model_config = {"extra": "forbid"}

    reason: str = Field(min_length=1, max_length=200, pattern=WITHOUT_ZERO)
    until: AwareDatetime | None = Field(None, description="null: until somebody resumes it.")


class ResumeOrder(Schema):
    """What becomes of the occurrences that the pause has skipped."""

    model_config = {"extra": "forbid"}

    missed: Missed = Missed.NONE
    why: Why = ""


class Done(Schema):
    """What was done."""

    done: str


class Asked(Done):
    """What was done, and the run that it made."""

    run: UUID


class FieldProblem(Schema):
    """What is wrong with a field."""

    field: str
    sentence: str


class Refused(Schema):
    """Why it was not done."""

    error: str
    problems: list[FieldProblem] = []
