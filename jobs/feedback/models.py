"""The FeedbackMessage: kept before anything else happens, then thanked for once."""

from datetime import datetime

from django.db import models
from django.utils import timezone

EXCERPT_LENGTH = 140


class Thanks(models.TextChoices):
    """Where the thank-you mail stands; `WAITING` is the only one that is left again."""

    WAITING = "waiting", "Waiting to be thanked"
    THANKED = "thanked", "Thanked"
    REFUSED = "refused", "Refused by the mail server"


class FeedbackMessage(models.Model):
    """What a person wrote, and how far their thank-you mail is.

    `sender_key` stands for the network address that it came from: equal addresses have equal
    keys, and the address cannot be read from it. `try_again_at` is when the sweep may take the
    message.
    """

    name = models.CharField(max_length=100, blank=True)
    email = models.EmailField()
    message = models.TextField(max_length=5000)
    made_at = models.DateTimeField(default=timezone.now)
    sender_key = models.CharField(max_length=64, editable=False)
    thanks = models.CharField(max_length=7, choices=Thanks, default=Thanks.WAITING)
    thanked_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    try_again_at = models.DateTimeField()
    trouble = models.TextField(blank=True, help_text="What the mail server said last.")

    class Meta:
        verbose_name = "message"
        verbose_name_plural = "messages"
        indexes = (
            # The admin's list, the report's and digest's span, and retention.
            models.Index(fields=["made_at"], name="feedback_by_age"),
            # The sweep: who waits, the longest first.
            models.Index(
                fields=["try_again_at"],
                condition=models.Q(thanks="waiting"),
                name="feedback_waiting",
            ),
            # The two limits of the form.
            models.Index(fields=["sender_key", "made_at"], name="feedback_by_sender"),
            models.Index(fields=["email", "made_at"], name="feedback_by_email"),
        )

    def __str__(self) -> str:
        return f"{self.masked_email} on {self.made_at:%Y-%m-%d}: {self.excerpt}"

    @property
    def excerpt(self) -> str:
        """Return the beginning of the message on one line."""
        text = " ".join(self.message.split())
        if len(text) <= EXCERPT_LENGTH:
            return text
        beginning = text[: EXCERPT_LENGTH - 3]
        return f"{beginning.rpartition(' ')[0] or beginning}..."

    @property
    def masked_email(self) -> str:
        """Return the address so that a reader may tell people apart but cannot write to them."""
        local, _, domain = self.email.partition("@")
        return f"{local[:1]}...@{domain}"


def written_between(start_at: datetime, end_at: datetime) -> models.QuerySet[FeedbackMessage]:
    """Return the messages from `start_at` up to, and without, `end_at`, oldest first."""
    span = FeedbackMessage.objects.filter(made_at__gte=start_at, made_at__lt=end_at)
    return span.order_by("made_at", "pk")
