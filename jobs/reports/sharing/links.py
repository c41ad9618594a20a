"""Making links, telling whether one still opens, and revoking it."""

import hashlib
import secrets
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Count, Max, Q, QuerySet

from jobs.reports.models import Report, ShareLink, Version

RANDOM_BYTES = 32
LONGEST_DAYS = 90
LISTED = 100

logger = structlog.get_logger(__name__)


def may_be_shared(report: Report) -> bool:
    """Return whether links to the report are made and open: by the site's word and its own."""
    return bool(settings.REPORT_SHARING) and report.is_sharing_allowed


def make_link(
    user: User, report: Report, version: Version | None, days: int, note: str, now: datetime
) -> tuple[ShareLink, str]:
    """Return the row of a new link and its token, which can never be read again.

    Without a version it always shows the latest one. The caller has asked whether `user` may
    read the report and whether it may be shared.
    """
    token = secrets.token_urlsafe(RANDOM_BYTES)
    link = ShareLink.objects.create(
        report=report,
        version=version,
        token_sha256=sha256_of(token),
        note=note,
        made_by=user,
        made_at=now,
        expires_at=now + timedelta(days=min(days, LONGEST_DAYS)),
    )
    logger.info("report shared", report=report.slug, link=link.pk, by=user.get_username())
    return link, token


def link_of(token: str) -> ShareLink | None:
    """Return the link with this token, open or not; None when there is none."""
    links = ShareLink.objects.select_related("report", "made_by")
    return links.filter(token_sha256=sha256_of(token)).first()


def why_over(link: ShareLink, now: datetime) -> str:
    """Return why the link opens no more, as a sentence; "" while it does.

    It opens no longer than its maker may read the report: who loses the right takes none along.
    """
    if link.revoked_at is not None:
        return "It was revoked."
    if link.expires_at <= now:
        return "It has expired."
    if not may_be_shared(link.report):
        return "The report is not shared any more."
    readable = Report.objects.readable_by(link.made_by)
    if not link.made_by.is_active or not readable.filter(pk=link.report_id).exists():
        return "Whoever made it may not read the report any more."
    return ""


def links_for(user: User, report: Report) -> "QuerySet[ShareLink]":
    """Return the links that `user` may see and revoke, the newest first, each with its uses.

    Everybody sees their own; the report's owner and superusers see all.
    """
    links = ShareLink.objects.filter(report=report).select_related("made_by", "version")
    if not (user.is_superuser or report.owner_id == user.pk):
        links = links.filter(made_by=user)
    counted = links.annotate(use_count=Count("uses"), last_use_at=Max("uses__at"))
    return counted.order_by("-made_at", "-pk")


def revoke(link: ShareLink, by: User, now: datetime) -> bool:
    """Revoke the link from now on; return whether it was not revoked before."""
    open_ = ShareLink.objects.filter(pk=link.pk, revoked_at=None)
    is_new = bool(open_.update(revoked_at=now, revoked_by=by))
    if is_new:
        logger.info("share link revoked", report=link.report_id, link=link.pk, by=by.get_username())
    return is_new


def ended_links(now: datetime) -> "QuerySet[ShareLink]":
    """Return the links that expired or were revoked, and so never open again."""
    return ShareLink.objects.filter(Q(expires_at__lte=now) | Q(revoked_at__isnull=False))


def sha256_of(token: str) -> str:
    """Return what is kept of a token; 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
