"""The API as a whole: version 1, its errors as sentences, its OpenAPI file."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from beat.actions.outcome import ActionRefusedError
from beat.api import acting, runs, schedules
from beat.api.asking import BearerToken, ProblemsError

WHAT_TO_SEND = (
    "Send a token that counts, as `Authorization: Bearer punctual_...`. An admin makes one in the "
    "admin, under API tokens."
)

# Without pages of documentation: they load scripts from other hosts. The file is enough.
api = NinjaAPI(
    title="Punctual",
    version="1",
    description="Schedules and their runs. docs/api.md explains it.",
    urls_namespace="api",
    docs_url=None,
    openapi_url="openapi.json",
    auth=BearerToken(),
)
api.add_router("schedules", schedules.router)
api.add_router("schedules", acting.router)
api.add_router("", runs.router)


@api.exception_handler(AuthenticationError)
def _without_token(request: HttpRequest, _: Any) -> HttpResponse:
    return _refused(request, 401, WHAT_TO_SEND)


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: Any) -> HttpResponse:
    return _refused(request, error.status_code, str(error))


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, _: Any) -> HttpResponse:
    return _refused(request, 404, "There is nothing at this address.")


@api.exception_handler(ActionRefusedError)
def _action_refused(request: HttpRequest, error: Any) -> HttpResponse:
    return _refused(request, 422, str(error))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    problems = [
        {"field": ".".join(str(part) for part in one["loc"][1:]), "sentence": f"{one['msg']}."}
        for one in error.errors
    ]
    return _refused(request, 422, "What was sent cannot be used.", problems)


@api.exception_handler(ProblemsError)
def _problems(request: HttpRequest, error: Any) -> HttpResponse:
    problems = [{"field": one.field, "sentence": one.sentence} for one in error.problems]
    return _refused(request, 422, "The schedule cannot be used.", problems)


def _refused(
    request: HttpRequest, status: int, sentence: str, problems: list[dict[str, str]] | None = None
) -> HttpResponse:
    body = {"error": sentence, "problems": problems or []}
    return api.create_response(request, body, status=status)
