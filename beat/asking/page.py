"""The page of an action: it says what will happen and asks once; a POST with the answer does it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_celery_beat.models import PeriodicTask

from beat.access.asker import Asker
from beat.access.schedule_admin import person
from beat.actions.backfill import DryRun, dry_run
from beat.actions.outcome import ActionRefusedError, Outcome, counted
from beat.actions.permitted import Permitted, permitted
from beat.actions.skip_next import coming_of
from beat.arguments.form import ArgumentsForm
from beat.asking.forms import AskingForm
from beat.asking.questions import IN_VAIN, SHOWN, Asked, names
from beat.asking.verbs import VERBS, Verb
from beat.backfills.instants import Span
from jobs.runs.templatetags.times import duration

LIST = "admin:django_celery_beat_periodictask_changelist"
PAGE = "admin:django_celery_beat_periodictask_change"
CONFIRMED, COUNTED = "is_confirmed", "is_counted"


class Question:
    """One request about one action: who asks, about which schedules, and what was filled in."""

    def __init__(self, request: HttpRequest, verb: Verb, ids: list[int] | None = None) -> None:
        """Read the request; raises PermissionDenied, Http404 or ActionRefusedError."""
        self.request, self.verb = request, verb
        self.asker = Asker.of_request(request)
        if not may_ask(request, verb):
            raise PermissionDenied
        self.ids = ids or _ids(request.POST.get("ids") or request.GET.get("ids", ""))
        self.those: Permitted = permitted(self.ids, self.asker, verb.act)
        is_answer = request.method == "POST" and CONFIRMED in request.POST
        data = request.POST if is_answer else None
        self.form: AskingForm = verb.form(data, initial=self._initial())
        self.arguments = self._arguments(data)
        self.token = _token(request.POST.get("token"))

    @property
    def is_answered(self) -> bool:
        """Return whether the person has said yes, and all that was filled in can be used."""
        is_valid = self.form.is_bound and self.form.is_valid()
        return is_valid and (self.arguments is None or self.arguments.is_valid())

    def answers(self) -> dict[str, Any]:
        """Return what was filled in; only after `is_answered`."""
        answers = {**self.form.cleaned_data, "token": self.token}
        if self.arguments is not None and self.arguments.is_bound:
            answers["args"], answers["kwargs"] = self.arguments.args_kwargs()
        return answers

    def dry_run(self) -> DryRun:
        """Return what the backfill that was asked for would do."""
        answers = self.form.cleaned_data
        span = Span(answers["from_at"], answers["before_at"])
        at_most, pace_seconds = answers["at_most"], answers["pace_seconds"]
        return dry_run(self.those.ids, self.asker, span, at_most=at_most, pace_seconds=pace_seconds)

    def _arguments(self, data: Any) -> ArgumentsForm | None:
        """Return the form of the arguments, where it is about a single schedule's task."""
        if not self.verb.takes_arguments or len(self.those.ids) != 1:
            return None
        schedule = PeriodicTask.objects.get(pk=self.those.ids[0])
        stored = (schedule.args or "[]", schedule.kwargs or "{}")
        queue, exchange = schedule.queue or "", schedule.exchange or ""
        return ArgumentsForm(schedule.task, data, stored, queue=queue, exchange=exchange)

    def _initial(self) -> dict[str, Any]:
        """Return what is filled in: the logical time of a link, or the occurrence to skip."""
        if self.verb.takes_arguments:
            return {"due_at": _instant(self.request.GET.get("due_at", ""))}
        if self.verb.name != "skip-next" or len(self.those.ids) != 1:
            return {}
        coming, _ = coming_of(self.those, timezone.now())
        return {"due_at": coming[0].due_at.isoformat()} if coming else {}


def may_ask(request: HttpRequest, verb: Verb) -> bool:
    """Return whether the person may do such a thing to any schedule."""
    user = person(request)
    return user.has_perm(verb.act) and (not verb.permission or user.has_perm(verb.permission))


@require_http_methods(["GET", "HEAD", "POST"])
def ask_or_do(request: HttpRequest, site: AdminSite, verb_name: str) -> HttpResponse:
    """Show the question, what was wrong about the answer, or do it and say what came of it."""
    verb = VERBS.get(verb_name)
    if verb is None:
        raise Http404
    try:
        question = Question(request, verb)
        if not question.is_answered:
            return show(question, site)
        if verb.name == "backfill" and COUNTED not in request.POST:
            return show(question, site, counted_as=question.dry_run())
        outcome = verb.do(question.ids, question.asker, question.answers())
    except ActionRefusedError as problem:
        return _refused(request, site, verb, str(problem))
    for sentence in outcome.sentences():
        messages.add_message(
            request, messages.WARNING if outcome.refused else messages.SUCCESS, sentence
        )
    return HttpResponseRedirect(where_to(verb, question, outcome))


def show(question: Question, site: AdminSite, counted_as: DryRun | None = None) -> HttpResponse:
    """Return the page that asks."""
    verb, those = question.verb, question.those
    about = names(those)[0] if len(those.ids) == 1 else counted(len(those.ids), "schedule")
    sentences = verb.say(Asked(those, question.asker)) if those.ids else []
    context = {
        **site.each_context(question.request),
        "title": f"{verb.label}: {about}",
        "opts": PeriodicTask._meta,  # noqa: SLF001 -- documented by Django
        "verb": verb,
        "form": question.form,
        "arguments": question.arguments,
        "token": question.token,
        "ids": ",".join(map(str, those.ids)),
        "count": len(those.ids),
        "sentences": sentences,
        "is_in_vain": not those.ids or not IN_VAIN.isdisjoint(sentences),
        "names": names(those) if len(those.ids) > 1 else [],
        "more": max(0, len(those.ids) - SHOWN),
        "refused": those.refused[:SHOWN],
        "refused_more": max(0, len(those.refused) - SHOWN),
        "dry_run": counted_as,
        "takes": takes_in_words(counted_as) if counted_as else "",
        "back": _back(those.ids),
        "media": question.form.media,
    }
    return TemplateResponse(question.request, "beat/asking/question.html", context)


def takes_in_words(found: DryRun) -> str:
    """Return how long a backfill takes, by what its runs took so far."""
    if found.takes_seconds is None:
        return "nobody knows yet: none of its runs has succeeded so far"
    text = f"about {duration(timedelta(seconds=found.takes_seconds))}"
    if found.run_seconds is None:
        return f"{text}, and longer where a run takes longer than the pause"
    return f"{text}; a run took {duration(timedelta(seconds=found.run_seconds))} on average"


def where_to(verb: Verb, question: Question, outcome: Outcome) -> str:
    """Return where to look at what was done: the run, the backfill, the copy or the schedule."""
    made = list(outcome.made)
    if verb.takes_arguments and len(made) == 1:
        return reverse("runs:run", args=made)
    if verb.name == "backfill" and len(made) == 1:
        return reverse("admin:beat_backfill_change", args=made)
    if verb.name == "duplicate" and len(made) == 1:
        return reverse(PAGE, args=made)
    if verb.name == "delete":
        return reverse(LIST)
    return _back(question.ids)


def _back(ids: list[int]) -> str:
    return reverse(PAGE, args=ids) if len(ids) == 1 else reverse(LIST)


def _refused(request: HttpRequest, site: AdminSite, verb: Verb, sentence: str) -> HttpResponse:
    """Show the question again with why the whole of it is refused."""
    context = {
        **site.each_context(request),
        "title": verb.label,
        "opts": PeriodicTask._meta,  # noqa: SLF001
        "verb": verb,
        "problem": sentence,
        "back": reverse(LIST),
    }
    return TemplateResponse(request, "beat/asking/refused.html", context)


def _ids(text: str) -> list[int]:
    """Return the ids; raises Http404 for what is no list of numbers."""
    try:
        ids = [int(word) for word in text.split(",") if word.strip()]
    except ValueError:
        raise Http404 from None
    if not ids:
        raise ActionRefusedError("No schedule was chosen. Choose at least one in the list.")
    return ids


def _instant(text: str) -> datetime | None:
    """Return the instant of an address; None for what is none."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None


def _token(text: str | None) -> UUID:
    try:
        return UUID(text) if text else uuid4()
    except ValueError:
        return uuid4()
