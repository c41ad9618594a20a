"""What the API takes and answers, for the OpenAPI file."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Schema


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


class Done(Schema):
    """What was done."""

    done: str


class Asked(Done):
    """What was done, and the run that it made."""

    run: UUID


class Copied(Done):
    """What was done, and the schedule that it made."""

    schedule: int


class Backfilled(Schema):
    """What a backfill runs, or would run."""

    done: str = Field(description="Empty: it was only counted.")
    backfill: int | None = Field(description="Its id; null: it was only counted.")
    runs: int
    first_at: datetime | None
    last_at: datetime | None
    takes_seconds: float | None = Field(description="By its runs so far; null: nobody knows.")
    have_run: int = Field(description="Occurrences of the span that have a run already.")
    excluded: int = Field(description="Occurrences of the span that the calendar excludes.")


class FieldProblem(Schema):
    """What is wrong with a field."""

    field: str
    sentence: str


class Refused(Schema):
    """Why it was not done."""

    error: str
    problems: list[FieldProblem] = []
