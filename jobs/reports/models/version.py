"""The versions of reports, and the files of each."""

from datetime import date
from zoneinfo import ZoneInfo

from django.db import models, transaction
from django.urls import reverse

from jobs.reports.content import SUMMARY_LENGTH
from jobs.reports.content_json import from_json
from jobs.reports.document import Document
from jobs.reports.formats import Format
from jobs.reports.models.report import Report
from jobs.reports.periods import Period


class VersionQuerySet(models.QuerySet["Version"]):
    """Versions as pages and retention look for them."""

    def without_content(self) -> "VersionQuerySet":
        """Return the versions without their content, which may be large."""
        return self.defer("content")

    def delete_with_files(self) -> int:
        """Delete the versions, and their files once that is committed; return how many.

        Files left by a crash in between belong to nothing; no version ever lacks its files.
        """
        with transaction.atomic():
            versions = list(self.without_content())
            artefacts = Artefact.objects.filter(version__in=versions)
            for artefact in artefacts:
                transaction.on_commit(artefact.remove_file)
            artefacts.delete()
            return Version.objects.filter(pk__in=[version.pk for version in versions]).delete()[0]


class Version(models.Model):
    """One making of a report, about one period. It never changes."""

    report = models.ForeignKey(
        Report,
        on_delete=models.PROTECT,
        related_name="versions",
        # The unique constraint begins with it.
        db_index=False,
    )
    number = models.PositiveIntegerField()
    # The run that made it: a run that is tried again finds its version and makes no second one.
    run_id = models.UUIDField(unique=True, null=True, blank=True)
    due_at = models.DateTimeField()
    period_start_at = models.DateTimeField()
    period_end_at = models.DateTimeField()
    zone = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    summary = models.CharField(max_length=SUMMARY_LENGTH)
    # The values that the run was given for the report's parameters, by name.
    parameters = models.JSONField(default=dict, blank=True)
    # The rows of all tables together, those beyond what `content` holds too; None: not counted.
    row_count = models.PositiveBigIntegerField(null=True, blank=True)
    # Numbers by the names of their figures: the gate, conditions and comparisons read them.
    measures = models.JSONField(default=dict, blank=True)
    content = models.JSONField()

    objects = VersionQuerySet.as_manager()

    class Meta:
        constraints = (
            # Also serves the latest version, the list of versions and retention.
            models.UniqueConstraint(fields=["report", "number"], name="report_version_number"),
        )
        indexes = (
            # A digest's new versions of a span.
            models.Index(fields=["made_at"], name="report_version_made_at"),
        )

    def __str__(self) -> str:
        return f"{self.report.title}, version {self.number}"

    def get_absolute_url(self) -> str:
        """Return the address of this version."""
        return reverse("reports:version", args=[self.report_id, self.number])

    @property
    def period(self) -> Period:
        """Return the span that the version is about."""
        return Period(self.period_start_at, self.period_end_at, self.zone)

    @property
    def due_on(self) -> date:
        """Return the local day of the logical instant."""
        return self.due_at.astimezone(ZoneInfo(self.zone)).date()

    @property
    def document(self) -> Document:
        """Return what renderers are given."""
        return Document(
            title=self.report.title,
            description=self.report.description,
            period=self.period,
            made_at=self.made_at,
            content=from_json(self.content),
            parameters=self.parameters,
            formats=frozenset(artefact.format for artefact in self.artefacts.all()),
        )


class Artefact(models.Model):
    """A version as a file in one format."""

    version = models.ForeignKey(
        Version,
        on_delete=models.CASCADE,
        related_name="artefacts",
        # The unique constraint begins with it.
        db_index=False,
    )
    format = models.CharField(max_length=8, choices=Format)
    file = models.FileField(max_length=200)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = (
            # Also serves the downloads of a version.
            models.UniqueConstraint(fields=["version", "format"], name="report_artefact_format"),
        )

    def __str__(self) -> str:
        return f"{self.version}, {self.get_format_display()}"

    @property
    def download_name(self) -> str:
        """Return the name that a reader's file gets, such as `weather-week-2026-11-21-v3.pdf`."""
        version = self.version
        return f"{version.report.slug}-{version.due_on}-v{version.number}.{self.format}"

    def remove_file(self) -> None:
        """Delete the file from the storage; one that is gone already is no error."""
        self.file.storage.delete(str(self.file.name))
