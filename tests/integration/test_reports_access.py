"""Who gets in at every address of reports: the table has them all, a new one needs an entry."""

import re
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.utils import timezone

from jobs.reports.delivery.subscribing import subscribe
from jobs.reports.delivery.tokens import token_of
from jobs.reports.models import Hold, ReaderMark, ShareLink, Version
from jobs.reports.reading.signed import signed_address
from jobs.reports.sharing.links import make_link
from jobs.reports.urls import urlpatterns
from tests.integration.read_reports import made, only_for, reader

pytestmark = pytest.mark.django_db

ANONYMOUS, STRANGER, READER, SUPERUSER = WHO = ("anonymous", "stranger", "reader", "superuser")
GETS_IN, REFUSED, LOGIN, NO_SUCH_METHOD = "gets in", "refused", "login", "no such method"
ANSWERS = {200: GETS_IN, 302: GETS_IN, 403: REFUSED, 404: REFUSED, 405: NO_SUCH_METHOD}
PLACE = re.compile(r"<\w+:(\w+)>")


class Page(NamedTuple):
    """Who gets in by GET and by POST; None: nobody, since the address knows no such method.

    A stranger signs in and is in another group than the report's.
    """

    get: str | None = None
    post: str | None = None
    query: str = ""


READING = Page(get=READER)
TABLE = {
    "": Page(get=STRANGER),
    "<int:report_id>/": READING,
    "<int:report_id>/making/": READING,
    "<int:report_id>/about/": Page(get=READER, query="day=2026-11-21"),
    "<int:report_id>/favourite/": Page(post=READER),
    "<int:report_id>/versions/": READING,
    "<int:report_id>/versions/<int:number>/": READING,
    "<int:report_id>/versions/<int:number>/changes/": READING,
    "<int:report_id>/versions/<int:number>/download/<slug:format_>": READING,
    "<int:report_id>/share/": Page(get=READER, post=READER),
    "<int:report_id>/share/<int:link_id>/revoke/": Page(post=READER),
    "<int:report_id>/subscription/": Page(get=READER, post=READER),
    "<int:report_id>/subscribe/": Page(post=READER),
    "<int:report_id>/unsubscribe/": Page(post=READER),
    "<int:report_id>/versions/<int:number>/hold/": Page(get=SUPERUSER, post=SUPERUSER),
    # Each shows a person what is theirs.
    "subscriptions/": Page(get=STRANGER),
    "doubtful/": Page(get=STRANGER, post=STRANGER),
    # Who has the token needs no more.
    "files/<str:token>": Page(get=ANONYMOUS),
    "unsubscribe/<str:token>/": Page(get=ANONYMOUS, post=ANONYMOUS),
    "shared/<str:token>/": Page(get=ANONYMOUS),
    "shared/<str:token>/<slug:format_>": Page(get=ANONYMOUS),
}


class World(NamedTuple):
    """A report of one group, everybody's browser, and what stands in the addresses."""

    version: Version
    browsers: dict[str, Client]
    values: dict[str, str]
    tokens: dict[str, str]

    def answer(self, who: str, method: str, route: str) -> str:
        """Return how the person is answered; takes back what it changed."""
        known = self.values | {"token": self.tokens.get(route.partition("/")[0], "")}
        address = "/reports/" + PLACE.sub(lambda place: known[place[1]], route)
        with transaction.atomic():
            response: Any = getattr(self.browsers[who], method)(f"{address}?{TABLE[route].query}")
            for close in response._resource_closers:
                close()
            transaction.set_rollback(True)
        if response.status_code == 302 and response["Location"].startswith("/login/"):
            return LOGIN
        return ANSWERS[response.status_code]


@pytest.fixture
def world() -> World:
    """Make it; the shared link is the reader's, and who may read it gets it by mail."""
    version = made()
    Hold.objects.create(version=version, reason="It is empty.", held_at=timezone.now())
    insider, browser = reader(READER, only_for(version.report, "finance"))
    superuser = User.objects.create_superuser(SUPERUSER)
    browsers = {ANONYMOUS: Client(), STRANGER: reader(STRANGER)[1], READER: browser}
    browsers[SUPERUSER] = Client()
    browsers[SUPERUSER].force_login(superuser)
    mails = [subscribe(user, version.report) for user in (insider, superuser)]
    link, token = make_link(insider, version.report, version, 7, "", timezone.now())
    return World(
        version,
        browsers,
        values={
            "report_id": str(version.report_id),
            "number": "1",
            "format_": "csv",
            "link_id": str(link.pk),
        },
        tokens={
            "shared": token,
            "unsubscribe": token_of(mails[0].pk),
            "files": signed_address(version.artefacts.get()).rpartition("/")[2],
        },
    )


def test_every_address_of_reports_is_in_the_table() -> None:
    assert {str(pattern.pattern) for pattern in urlpatterns} == TABLE.keys()


def test_every_address_lets_in_whom_the_table_says_and_nobody_else(world: World) -> None:
    asked = [(route, method, who) for route in TABLE for method in ("get", "post") for who in WHO]
    assert {each: world.answer(each[2], each[1], each[0]) for each in asked} == {
        each: expected(*each) for each in asked
    }


def expected(route: str, method: str, who: str) -> str:
    """Return how the table says that the person is answered."""
    least = getattr(TABLE[route], method)
    if least is None:
        return NO_SUCH_METHOD
    if WHO.index(who) >= WHO.index(least):
        return GETS_IN
    return LOGIN if who == ANONYMOUS else REFUSED


def test_a_guess_is_refused_logged_and_changes_nothing(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = world.browsers[STRANGER]
    base = f"/reports/{world.version.report_id}/"
    revoke = f"{base}share/{world.values['link_id']}/revoke/"
    for address in (f"{base}favourite/", f"{base}share/", revoke):
        answer = stranger.post(address, {"wanted": "yes", "days": "7", "shows": "latest"})
        assert answer.status_code == 404
    # What is there and not for them is answered like what is not there.
    guesses = [stranger.get(address) for address in (base, "/reports/987654/")]
    assert {answer.status_code for answer in guesses} == {404}
    assert "Weekly" not in guesses[0].content.decode()
    refused = [told for told in caplog.messages if "'event': 'reading refused'" in told]
    assert len(refused) == 5
    assert all("'by': 'stranger'" in told for told in refused)
    assert not ReaderMark.objects.exists()
    assert ShareLink.objects.get().revoked_at is None


def test_whoever_leaves_the_group_reads_no_more(world: World) -> None:
    assert world.answer(READER, "get", "<int:report_id>/") == GETS_IN
    User.objects.get(username=READER).groups.clear()
    assert world.answer(READER, "get", "<int:report_id>/") == REFUSED
    # Nor does a link of theirs go on without them.
    page = Client().get(f"/reports/shared/{world.tokens['shared']}/")
    assert page.status_code == 410
