"""What the API takes with an action, for the OpenAPI file."""

from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Schema
from pydantic import AwareDatetime

from beat.actions.backfill import LONGEST_PACE_SECONDS, MOST_AT_ONCE
from beat.actions.resume import Missed

# No database keeps a zero character.
WITHOUT_ZERO = r"^[^\x00]*$"
Why = Annotated[str, Field(max_length=1000, pattern=WITHOUT_ZERO)]
Token = Annotated[
    UUID | None, Field(description="The same one asks once, however often it is sent.")
]


class Order(Schema):
    """Why; what every action takes."""

    model_config = {"extra": "forbid"}

    why: Why = ""


class RunOrder(Order):
    """How to run or rehearse a schedule now."""

    args: list[Any] | None = Field(None, description="Instead of the schedule's own.")
    kwargs: dict[str, Any] | None = Field(None, description="Instead of the schedule's own.")
    due_at: AwareDatetime | None = Field(
        None, description="The logical time, with its offset from UTC; else now."
    )
    token: Token = None


class PauseOrder(Schema):
    """Why to pause a schedule, and until when."""

    model_config = {"extra": "forbid"}

    reason: str = Field(min_length=1, max_length=200, pattern=WITHOUT_ZERO)
    until: AwareDatetime | None = Field(None, description="null: until somebody resumes it.")


class ResumeOrder(Order):
    """What becomes of the occurrences that the pause has skipped."""

    missed: Missed = Missed.NONE


class SkipOrder(Order):
    """Which occurrence to skip."""

    due_at: AwareDatetime | None = Field(
        None, description="The schedule's next_due_at: then asking twice skips one."
    )


class BackfillOrder(Order):
    """The span of the past to run, and how."""

    from_at: AwareDatetime
    before_at: AwareDatetime = Field(description="The end, which does not belong to it.")
    at_most: int = Field(1, ge=1, le=MOST_AT_ONCE, description="Runs at once.")
    pace_seconds: int = Field(0, ge=0, le=LONGEST_PACE_SECONDS, description="Between two starts.")
    dry_run: bool = Field(True, description="Count only; send false to run what was counted.")
    token: Token = None


class SinceOrder(Order):
    """Which failed runs to start again."""

    since: AwareDatetime = Field(description="Those due since then.")
