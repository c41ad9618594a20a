"""The rules for what no job app owns: sessions, sign-ins, the trail, and cleanup's own records."""

from datetime import datetime

from auditlog.models import LogEntry
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session

from jobs.cleanup.models import Deletion
from jobs.cleanup.registry import EXAMPLES, Batch, Kept, batch_of, retention_rule

EXPIRED_SESSIONS = Kept(days=0)
SIGN_INS = Kept(days=90)
TRAIL = Kept(days=None)
DELETIONS = Kept(days=730)
SIGN_IN_RECORDS = (AccessAttempt, AccessFailureLog, AccessLog)


@retention_rule(
    "expired sessions",
    "deletes sessions {days} after they expired; their people are no longer signed in",
    EXPIRED_SESSIONS,
)
def expired_sessions(
    now: datetime, limit: int, dry_run: bool, kept: Kept = EXPIRED_SESSIONS
) -> Batch:
    """Delete the sessions that expired longest ago."""
    expired = Session.objects.filter(expire_date__lt=kept.before(now)).order_by("expire_date")
    return batch_of(expired, limit, dry_run, in_words=_session_in_words)


def _session_in_words(session: Session) -> str:
    """Return nothing of the session's key: it is a secret."""
    return f"a session that expired on {session.expire_date:%Y-%m-%d}"


@retention_rule("sign-in records", "deletes records of sign-ins older than {days}", SIGN_INS)
def old_sign_in_records(now: datetime, limit: int, dry_run: bool, kept: Kept = SIGN_INS) -> Batch:
    """Delete the oldest records of django-axes, from each of its tables in turn."""
    made_before = kept.before(now)
    count, examples = 0, []
    for model in SIGN_IN_RECORDS:
        old = model.objects.filter(attempt_time__lt=made_before).order_by("attempt_time")
        batch = batch_of(old, limit - count, dry_run, in_words=_record_in_words)
        count += batch.count
        examples += batch.examples
    return Batch(count, examples[:EXAMPLES])


def _record_in_words(record: AccessAttempt | AccessFailureLog | AccessLog) -> str:
    return f"{record.username or 'somebody'} on {record.attempt_time:%Y-%m-%d}"


@retention_rule(
    "trail of changes",
    "deletes entries of the trail older than {days}",
    TRAIL,
    least_days=30,
    why_least="somebody may still ask who did what",
)
def old_trail(now: datetime, limit: int, dry_run: bool, kept: Kept = TRAIL) -> Batch:
    """Delete the oldest entries of who did what, once a policy says so."""
    old = LogEntry.objects.filter(timestamp__lt=kept.before(now)).order_by("timestamp")
    return batch_of(old, limit, dry_run, in_words=_entry_in_words)


def _entry_in_words(entry: LogEntry) -> str:
    return f"{entry.object_repr} on {entry.timestamp:%Y-%m-%d}"


@retention_rule(
    "records of cleanup", "deletes what cleanup wrote down more than {days} ago", DELETIONS
)
def old_deletions(now: datetime, limit: int, dry_run: bool, kept: Kept = DELETIONS) -> Batch:
    """Delete the oldest records of what was deleted."""
    old = Deletion.objects.filter(at__lt=kept.before(now)).order_by("at")
    return batch_of(old, limit, dry_run)
