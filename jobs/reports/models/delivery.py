"""Who gets a report by mail, what became of each mail, and versions that are held."""

from django.conf import settings
from django.db import models

from jobs.mails.fields import MailAddressField
from jobs.reports.models.report import Report
from jobs.reports.models.version import Version


class Subscription(models.Model):
    """A person, or an address without an account, who gets each version of a report by mail."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="subscriptions")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="report_subscriptions",
    )
    # Only without a user: somebody outside, added by the report's owner.
    address = MailAddressField(blank=True)
    enabled = models.BooleanField(default=True, db_default=True)
    # Formats that are attached (under a size cap); empty: links only.
    attached_formats = models.JSONField(default=list, blank=True)
    zone = models.CharField(max_length=64, default="UTC")
    # Local time in `zone`; None: as soon as the version is made.
    send_at = models.TimeField(null=True, blank=True)
    only_if_not_empty = models.BooleanField(default=False, db_default=False)
    # "Only if this figure is above/below/equal/changed": {"figure", "is", "value"}; empty: always.
    condition = models.JSONField(default=dict, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["report", "user"],
                condition=models.Q(user__isnull=False),
                name="report_subscription_per_user",
            ),
            models.UniqueConstraint(
                fields=["report", "address"],
                condition=models.Q(user__isnull=True),
                name="report_subscription_per_address",
            ),
            models.CheckConstraint(
                condition=models.Q(user__isnull=False) ^ ~models.Q(address=""),
                name="report_subscription_user_or_address",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user or self.address} and {self.report}"

    @property
    def mail_address(self) -> str:
        """Return where the mail goes; "" for an account without an address."""
        return self.user.email.strip() if self.user is not None else self.address


class DeliveryState(models.TextChoices):
    """Where a mail stands. `WAITING` and `DOUBTFUL` are left again."""

    WAITING = "waiting", "Waiting"
    SENT = "sent", "Sent"
    REFUSED = "refused", "Refused"
    # Its sender died in the middle: a person decides whether it is sent again.
    DOUBTFUL = "doubtful", "Doubtful"
    NOT_WANTED = "not wanted", "Not wanted"
    # The server took it, and a later mail says that it could not be brought.
    BOUNCED = "bounced", "Came back"


class ReportDelivery(models.Model):
    """One version for one address; its row is the idempotency key of the mail."""

    version = models.ForeignKey(
        Version, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    subscription = models.ForeignKey(
        Subscription, on_delete=models.SET_NULL, null=True, related_name="deliveries"
    )
    address = MailAddressField()
    state = models.CharField(max_length=12, choices=DeliveryState, default=DeliveryState.WAITING)
    send_after_at = models.DateTimeField()
    # How often the server put it off, or broke the connection over it.
    attempts = models.PositiveIntegerField(default=0)
    # The MailSender that has it. One that sent it, or left it in doubt, stays.
    sender = models.UUIDField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    smtp_code = models.PositiveIntegerField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "report deliveries"
        constraints = (
            # A crash or a retry never makes a second mail of a version for one address.
            models.UniqueConstraint(fields=["version", "address"], name="report_delivery_once"),
        )
        indexes = (
            # What is to be sent now.
            models.Index(
                fields=["send_after_at"],
                condition=models.Q(state="waiting"),
                name="report_delivery_open",
            ),
            # What a sender has in its hands.
            models.Index(
                fields=["sender"],
                condition=models.Q(state="waiting", sender__isnull=False),
                name="report_delivery_claimed",
            ),
            # What people are asked about.
            models.Index(
                fields=["version"],
                condition=models.Q(state="doubtful"),
                name="report_delivery_doubtful",
            ),
            # What people are told.
            models.Index(
                fields=["version"],
                condition=models.Q(state="bounced"),
                name="report_delivery_bounced",
            ),
        )

    def __str__(self) -> str:
        return f"{self.version} to {self.address}"


class MailSender(models.Model):
    """Somebody who sends mails of reports: a run's attempt. The row is there while it is at it.

    `in_hand` is the delivery that the mail server may be getting now. It sends what it has claimed
    in the order of the keys, so that whatever it has claimed before that one, and that still waits,
    has arrived.
    """

    id = models.UUIDField(primary_key=True)
    # None: outside of a run.
    run_id = models.UUIDField(null=True)
    attempt = models.PositiveIntegerField(default=0)
    in_hand = models.BigIntegerField(null=True)
    marked_at = models.DateTimeField()
    # Until when it counts as alive, whatever the ledger says.
    alive_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"sender {self.id}"


class DeliveryGate(models.Model):
    """When a report's mails wait for its owner: empty, or far from the same weekday's history."""

    report = models.OneToOneField(
        Report, on_delete=models.CASCADE, related_name="gate", primary_key=True
    )
    holds_empty = models.BooleanField(default=True, verbose_name="hold when it is empty")
    # "" is the number of rows; else the name of a figure.
    figure = models.CharField(max_length=200, blank=True)
    far_percent = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Hold when it differs by more than this from the median of the same weekday.",
    )
    weeks_compared = models.PositiveIntegerField(default=8)

    def __str__(self) -> str:
        return f"gate of {self.report}"


class Hold(models.Model):
    """A version whose mails wait for somebody's word."""

    version = models.OneToOneField(
        Version, on_delete=models.CASCADE, related_name="hold", primary_key=True
    )
    reason = models.TextField()
    held_at = models.DateTimeField()
    # When the owner was told; the mail goes out with the next deliveries.
    told_at = models.DateTimeField(null=True, blank=True)
    # Exactly one of the two ends it.
    released_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    def __str__(self) -> str:
        return f"hold of {self.version}"


class DomainMinute(models.Model):
    """How many mails went to a domain within a minute; one row per domain, locked while taken."""

    domain = models.CharField(max_length=255, primary_key=True)
    minute_at = models.DateTimeField()
    taken = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.domain}: {self.taken} at {self.minute_at:%Y-%m-%d %H:%M}"
