"""Who asks by the API, and what becomes of refusals."""

from collections.abc import Sequence
from dataclasses import replace

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from ninja.errors import HttpError
from ninja.security import HttpBearer

from beat.access.asker import Asker
from beat.access.deciding import Act, may
from beat.actions.outcome import Outcome
from beat.actions.permitted import permitted
from beat.api.tokens import token_of
from beat.as_code.problems import Problem
from beat.models import ApiToken

ORIGIN = "API"


class BearerToken(HttpBearer):
    """`Authorization: Bearer punctual_…`; the request is the person's from then on."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """Return the token if it counts."""
        found = token_of(token, timezone.now())
        if found is not None:
            request.user = found.user
        return found


class ProblemsError(Exception):
    """What was sent cannot be used; a sentence for each field."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.sentence for problem in problems))
        self.problems = problems


def asker_of(request: HttpRequest) -> Asker:
    """Return who asks, with the name of the token."""
    token: ApiToken = request.auth  # type: ignore[attr-defined]  # set by ninja
    asker = Asker.of_request(request, ORIGIN)
    return replace(asker, name=f"{asker.name} (token {token.name})"[:150])


def person_of(request: HttpRequest) -> User:
    """Return whose token it is."""
    token: ApiToken = request.auth  # type: ignore[attr-defined]  # set by ninja
    return token.user


def require(request: HttpRequest, act: Act) -> None:
    """Raise HttpError unless the person may do this at all."""
    if not may(person_of(request), act):
        raise HttpError(403, f"It needs the permission {act}. Ask an admin for it.")


def schedule_of(request: HttpRequest, schedule_id: int) -> PeriodicTask:
    """Return a schedule that the person may see; raises HttpError."""
    require(request, Act.VIEW)
    found: PeriodicTask | None = PeriodicTask.objects.filter(pk=schedule_id).first()
    if found is None:
        raise HttpError(404, f"There is no schedule {schedule_id}.")
    return found


def require_for(request: HttpRequest, schedule_id: int, act: Act) -> None:
    """Raise HttpError unless the person may do this to the schedule."""
    schedule_of(request, schedule_id)
    refused = permitted([schedule_id], asker_of(request), act).refused
    if refused:
        raise HttpError(403, refused[0].why)


def told(outcome: Outcome) -> dict[str, str]:
    """Return what was done as a sentence; raises HttpError when it cannot be done so."""
    if outcome.is_refused:
        raise HttpError(422, outcome.refused[0].why)
    return {"done": " ".join(outcome.sentences())}
