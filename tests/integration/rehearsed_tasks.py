"""Tasks that leave traces, for the tests of rehearsals."""

from celery import shared_task
from django.contrib.auth.models import Group
from django.core.mail import send_mail
from django.db import transaction

from jobs.runs import current


@shared_task(name="tests.leave_traces")
def leave_traces(name: str) -> dict[str, object]:
    """Write, send, call another task and say what was seen meanwhile."""
    with transaction.atomic():
        Group.objects.create(name=name)
    with current.once(f"rehearsed:{name}") as first:
        if first:
            send_mail("Your invoice", "Pay.", None, ["customer@example.org"])
    note.delay(name)
    note.apply_async((name,), countdown=3600)
    current.report_progress(1, 1, "group")
    print(f"saw {Group.objects.filter(name=name).count()} group")
    return {"is_rehearsal": current.is_rehearsal(), "first": first}


@shared_task(name="tests.note")
def note(name: str) -> bool:
    """Write, and tell whether it is a rehearsal."""
    Group.objects.create(name=f"note of {name}")
    return current.is_rehearsal()
