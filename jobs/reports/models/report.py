"""Reports, with what their owners decided about them: who reads them, and how fresh they are."""

from collections.abc import Collection, Iterable

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group, User
from django.db import models
from django.urls import reverse
from django.utils import timezone

from jobs.reports.registry import SLUG_LENGTH, TITLE_LENGTH, Definition


class ReportTag(models.Model):
    """A word under which readers find reports."""

    name = models.CharField(max_length=50, unique=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ReportQuerySet(models.QuerySet["Report"]):
    """Reports as their readers and makers look for them."""

    def readable_by(self, user: AbstractBaseUser | AnonymousUser) -> "ReportQuerySet":
        """Return the reports that `user` may read; this and `readers_among` alone decide it.

        A report without groups is for everybody who is signed in. One with groups is for their
        members, its owner, and superusers.
        """
        if not user.is_authenticated:
            return self.none()
        if getattr(user, "is_superuser", False):
            return self.all()
        own_groups = Group.objects.filter(user=user.pk).values("pk")
        for_them = Report.objects.filter(groups__in=own_groups).values("pk")
        # Not by `groups__isnull`: its join would give the owner a report once for each group.
        for_some = Report.groups.through.objects.values("report")
        without_groups = ~models.Q(pk__in=for_some)
        return self.filter(without_groups | models.Q(owner=user.pk) | models.Q(pk__in=for_them))

    def of(self, definition: Definition) -> "Report":
        """Return the row of `definition`, made or brought up to date as needed.

        The row stays locked until the transaction ends: `update_or_create` selects for update.
        Raises Report.DoesNotExist when a report that was written in the admin was deleted there.
        """
        if definition.is_stored:
            # Its words are the row's own, and may have been changed since.
            return self.select_for_update().get(slug=definition.slug)
        words = {"title": definition.title, "description": definition.description}
        return self.update_or_create(slug=definition.slug, defaults=words)[0]

    def bring_up_to_date(self, definitions: Iterable[Definition]) -> None:
        """Insert the reports that have no row yet; those that have one stay as they are."""
        known = set(self.values_list("slug", flat=True))
        new = [
            Report(slug=one.slug, title=one.title, description=one.description)
            for one in definitions
            if one.slug not in known
        ]
        # Another process may insert the same ones in between.
        self.bulk_create(new, ignore_conflicts=True)


class Report(models.Model):
    """A report. What it says is written in code, or in SQL (`SqlDefinition`)."""

    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True)
    title = models.CharField(max_length=TITLE_LENGTH)
    description = models.TextField(blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="reports_owned",
        help_text="Is told when a version is held, and releases it.",
    )
    groups = models.ManyToManyField(
        Group,
        blank=True,
        related_name="reports",
        verbose_name="readable by",
        help_text="Nobody else reads it then, but its owner. Empty: everybody who is signed in.",
    )
    tags = models.ManyToManyField(ReportTag, blank=True, related_name="reports")
    formats = models.JSONField(
        default=list,
        blank=True,
        help_text="The formats that each version is made in; empty: all of them.",
    )
    versions_kept = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="The newest so many versions stay. Empty: REPORT_VERSIONS_KEPT.",
    )
    days_kept = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Versions older than this go, but never the newest. Empty: they do not age.",
    )
    ready_within_seconds = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="The promise to readers: ready at most so long after it is due.",
    )
    is_sharing_allowed = models.BooleanField(
        default=True,
        verbose_name="may be shared by links",
        db_default=True,
    )
    # Written at most once an hour by the page: the lint "nobody has read it for 90 days".
    last_read_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Since then it could be read: one that nobody ever read is known by it.
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ReportQuerySet.as_manager()

    class Meta:
        permissions = (
            ("define_sql_report", "Can write reports in SQL"),
            ("release_report", "Can release versions that are held"),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the address of the latest version."""
        return reverse("reports:report", args=[self.pk])

    def readers_among(self, user_pks: Collection[int]) -> set[int]:
        """Return which of these people may read the report and have an open account.

        The rule of `ReportQuerySet.readable_by` from the report's side, in two queries.
        """
        found = User.objects.filter(pk__in=user_pks, is_active=True)
        groups = list(self.groups.values_list("pk", flat=True))
        if groups:
            for_them = models.Q(pk__in=User.objects.filter(groups__in=groups).values("pk"))
            theirs = models.Q(is_superuser=True) | models.Q(pk=self.owner_id) | for_them
            found = found.filter(theirs)
        return set(found.values_list("pk", flat=True))
