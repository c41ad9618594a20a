"""Who gets a digest, and what became of each."""

import calendar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse

from jobs.digests.rhythms import Rhythm

UNSUBSCRIBE_SALT = "jobs.digests.unsubscribe"
HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]
WEEKDAYS = list(enumerate(calendar.day_name))
USUAL_HOUR = 8


def is_zone(name: str) -> bool:
    """Return whether this machine knows the time zone."""
    try:
        ZoneInfo(name)
    # ValueError: a path; OSError: the name of a folder, such as "Europe".
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def check_zone(name: str) -> None:
    """Raise ValidationError with a sentence when there is no such time zone."""
    if not is_zone(name):
        raise ValidationError(f"There is no time zone {name!r}; write one like Europe/Berlin.")


class Cadence(models.TextChoices):
    """How often a subscriber gets a digest."""

    DAILY = "daily", "Every day"
    WEEKLY = "weekly", "Every week"


class Subscriber(models.Model):
    """A person's subscription; `covered_until` is the end of what they have been told.

    A digest is due at `hour` by the clock of `zone` (empty: the site's), but none for an instant
    up to `due_after_at`, when the person last changed that. `claim` names the one that is
    sending them a digest now, until `claimed_until`.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digest_subscriber"
    )
    cadence = models.CharField(max_length=6, choices=Cadence, default=Cadence.DAILY)
    enabled = models.BooleanField(default=True, verbose_name="Send me the digest")
    hour = models.PositiveSmallIntegerField(
        choices=HOURS, default=USUAL_HOUR, db_default=USUAL_HOUR
    )
    weekday = models.PositiveSmallIntegerField(choices=WEEKDAYS, default=0, db_default=0)
    zone = models.CharField(
        max_length=64,
        default="",
        db_default="",
        blank=True,
        verbose_name="time zone",
        validators=[check_zone],
    )
    wants_empty = models.BooleanField(default=False, db_default=False)
    # The names of sections, as the registry has them.
    unwanted_sections = models.JSONField(
        default=list, db_default=models.Value([], models.JSONField()), blank=True
    )
    due_after_at = models.DateTimeField(null=True, blank=True, editable=False)
    covered_until = models.DateTimeField(null=True, blank=True, editable=False)
    claim = models.UUIDField(null=True, blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)

    def __str__(self) -> str:
        return f"{self.user.get_username()}, {self.get_cadence_display().lower()}"

    @property
    def known_zone(self) -> str:
        """Return the person's time zone, or the site's where there is none or an unknown one."""
        return self.zone if self.zone and is_zone(self.zone) else settings.TIME_ZONE

    @property
    def rhythm(self) -> Rhythm:
        """Return how often and when a digest is due."""
        return Rhythm(self.cadence, self.hour, self.weekday, self.known_zone)

    @property
    def unsubscribe_path(self) -> str:
        """Return the address that ends this subscription without a login."""
        token = signing.dumps(self.pk, salt=UNSUBSCRIBE_SALT)
        return reverse("digests:unsubscribe", args=[token])


def subscriber_of_token(token: str) -> Subscriber | None:
    """Return whose subscription an unsubscribe link ends, or None for a link that is not ours.

    Links do not expire: a person must be able to leave from an old mail.
    """
    try:
        pk = signing.loads(token, salt=UNSUBSCRIBE_SALT)
    except signing.BadSignature:
        return None
    return Subscriber.objects.filter(pk=pk).first()


class DeliveryState(models.TextChoices):
    """Where a digest stands; `WAITING` is the only one that is left again."""

    WAITING = "waiting", "Waiting"
    SENT = "sent", "Sent"
    REFUSED = "refused", "Refused"
    NOTHING_TO_SAY = "nothing_to_say", "Nothing to say"
    SUPERSEDED = "superseded", "Told by a later one"


BADGES: dict[str, str] = {
    DeliveryState.WAITING: "warning",
    DeliveryState.SENT: "good",
    DeliveryState.REFUSED: "bad",
}


class Delivery(models.Model):
    """One digest to one subscriber, about the span from `covered_from` to `covered_until`."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="deliveries")
    covered_from = models.DateTimeField()
    covered_until = models.DateTimeField()
    state = models.CharField(max_length=14, choices=DeliveryState, default=DeliveryState.WAITING)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = (
            # A run that is tried again, or runs twice, makes no second digest. Also serves the
            # page "my last digests".
            models.UniqueConstraint(
                fields=["subscriber", "covered_until"], name="digest_once_per_span"
            ),
        )
        indexes = (
            # Who still waits for the digest of this instant, and retention.
            models.Index(fields=["covered_until", "state"], name="digest_by_instant"),
        )

    def __str__(self) -> str:
        return f"digest {self.pk} until {self.covered_until:%Y-%m-%d %H:%M}"

    @property
    def badge(self) -> str:
        """Return the style sheet's class for the state."""
        return BADGES.get(self.state, "")
