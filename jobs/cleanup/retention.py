"""The rules for what no job app owns: sessions, and records of sign-ins."""

from datetime import datetime, timedelta

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session

from jobs.cleanup.registry import EXAMPLES, Batch, batch_of, retention_rule

SIGN_IN_DAYS = 90
SIGN_IN_RECORDS = (AccessAttempt, AccessFailureLog, AccessLog)


@retention_rule("expired sessions", "deletes sessions of people who are no longer signed in")
def expired_sessions(now: datetime, limit: int, dry_run: bool) -> Batch:
    """Delete the sessions that expired longest ago."""
    expired = Session.objects.filter(expire_date__lt=now).order_by("expire_date")
    return batch_of(expired, limit, dry_run, in_words=_session_in_words)


def _session_in_words(session: Session) -> str:
    """Return nothing of the session's key: it is a secret."""
    return f"a session that expired on {session.expire_date:%Y-%m-%d}"


@retention_rule("sign-in records", f"deletes records of sign-ins older than {SIGN_IN_DAYS} days")
def old_sign_in_records(now: datetime, limit: int, dry_run: bool) -> Batch:
    """Delete the oldest records of django-axes, from each of its tables in turn."""
    made_before = now - timedelta(days=SIGN_IN_DAYS)
    count, examples = 0, []
    for model in SIGN_IN_RECORDS:
        old = model.objects.filter(attempt_time__lt=made_before).order_by("attempt_time")
        batch = batch_of(old, limit - count, dry_run, in_words=_record_in_words)
        count += batch.count
        examples += batch.examples
    return Batch(count, examples[:EXAMPLES])


def _record_in_words(record: AccessAttempt | AccessFailureLog | AccessLog) -> str:
    return f"{record.username or 'somebody'} on {record.attempt_time:%Y-%m-%d}"
