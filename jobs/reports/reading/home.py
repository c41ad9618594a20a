"""The reports on the page that a person starts from: favourites, unread ones, the newest."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from jobs.reports.reading.entries import FAVOURITES, UNREAD, Entry, Wanted, shelf_of
from jobs.reports.reading.library import Card, cards_of, entries_of

SHOWN = 6
TITLES = {FAVOURITES: "Your favourites", UNREAD: "Unread reports", "": "Latest reports"}


@dataclass(frozen=True)
class HomeShelf:
    """Some reports under a title; `more` is what the library shows of them."""

    key: str
    title: str
    cards: list[Card]
    more: str


def home_shelves(user: AbstractBaseUser | AnonymousUser, now: datetime) -> list[HomeShelf]:
    """Return the shelves that hold something; a report stands on the first that it fits."""
    entries = [entry for entry in entries_of(user) if entry.newest_id or entry.is_favourite]
    chosen: dict[str, list[Entry]] = {}
    for only in (FAVOURITES, UNREAD, ""):
        taken = {entry.report_id for shelf in chosen.values() for entry in shelf}
        found = shelf_of(
            [each for each in entries if each.report_id not in taken], Wanted(only=only)
        )
        chosen[only] = found.entries[:SHOWN]
    cards = {
        card.entry.report_id: card
        for card in cards_of([entry for shelf in chosen.values() for entry in shelf], now)
    }
    return [
        HomeShelf(only or "latest", TITLES[only], _those(cards, chosen[only]), only)
        for only in chosen
        if chosen[only]
    ]


def _those(cards: dict[int, Card], entries: list[Entry]) -> list[Card]:
    return [cards[entry.report_id] for entry in entries if entry.report_id in cards]
