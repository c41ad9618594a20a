"""Who gets a digest, and what became of each."""

from django.conf import settings
from django.core import signing
from django.db import models
from django.urls import reverse

UNSUBSCRIBE_SALT = "jobs.digests.unsubscribe"


class Cadence(models.TextChoices):
    """How often a subscriber gets a digest."""

    DAILY = "daily", "Every day"
    WEEKLY = "weekly", "Every week"


class Subscriber(models.Model):
    """A person's subscription; `covered_until` is the end of what they have been told.

    `claim` names the one that is sending them a digest now, until `claimed_until`.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digest_subscriber"
    )
    cadence = models.CharField(max_length=6, choices=Cadence, default=Cadence.DAILY)
    enabled = models.BooleanField(default=True, verbose_name="Send me the digest")
    covered_until = models.DateTimeField(null=True, blank=True, editable=False)
    claim = models.UUIDField(null=True, blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)

    def __str__(self) -> str:
        return f"{self.user.get_username()}, {self.get_cadence_display().lower()}"

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
