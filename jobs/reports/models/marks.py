"""What a reader did with a report: favourites, what they have read, and links they shared."""

from django.conf import settings
from django.db import models

from jobs.reports.models.report import Report
from jobs.reports.models.version import Version


class ReaderMark(models.Model):
    """One reader's favourite mark, and the newest version of the report that they have read."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="report_marks"
    )
    report = models.ForeignKey(
        Report, on_delete=models.CASCADE, related_name="reader_marks", db_index=False
    )
    is_favourite = models.BooleanField(default=False)
    read_number = models.PositiveIntegerField(default=0)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            # Also serves the library: all marks of a reader's reports.
            models.UniqueConstraint(fields=["report", "user"], name="report_mark_once"),
        )

    def __str__(self) -> str:
        return f"{self.user} and {self.report}"


class ShareLink(models.Model):
    """A link by which anybody reads a version, until it expires or is revoked.

    The link's token is not kept, only its SHA-256: who reads the database cannot use it.
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="share_links")
    # None: the link always shows the latest version.
    version = models.ForeignKey(
        Version, on_delete=models.CASCADE, null=True, blank=True, related_name="share_links"
    )
    token_sha256 = models.CharField(max_length=64, unique=True)
    note = models.CharField(max_length=200, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="report_share_links"
    )
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    def __str__(self) -> str:
        return f"link {self.pk} to {self.report}"


class ShareUse(models.Model):
    """One reading by a shared link."""

    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="uses")
    at = models.DateTimeField(db_index=True)
    what = models.CharField(max_length=20)
    address = models.CharField(max_length=64, blank=True)
    program = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"use of {self.link} at {self.at:%Y-%m-%d %H:%M}"
