"""Addresses of files that work without signing in, for a short time: for mails and share links.

A storage that signs addresses itself (S3) gives them; its files then do not pass through this
site. Files in a folder get an address of ours, signed with SECRET_KEY.
"""

from typing import Any

from django.conf import settings
from django.core import signing
from django.core.exceptions import SuspiciousOperation
from django.core.files.storage import Storage
from django.urls import reverse
from django.utils.http import content_disposition_header

from jobs.reports.formats import CONTENT_TYPES, Format
from jobs.reports.models import Artefact

SALT = "reports.file"


class ExpiredError(Exception):
    """The address was good once."""


class NotOursError(SuspiciousOperation):
    """Nobody here signed this address."""


def signed_address(artefact: Artefact) -> str:
    """Return an address of the file that is good for REPORT_LINK_SECONDS.

    It is a whole URL where the storage signs, else a path of this site. Whoever has it reads the
    file: ask `readable_by`, or the share link, first.
    """
    if signs_itself(artefact.file.storage):
        return _signed_by_storage(artefact)
    token = signing.dumps(artefact.pk, salt=SALT, compress=False)
    return reverse("reports:file", args=[token])


def artefact_id_of(token: str) -> int:
    """Return which artefact the token names. Raises ExpiredError, NotOursError when forged."""
    try:
        number = signing.loads(token, salt=SALT, max_age=settings.REPORT_LINK_SECONDS)
    except signing.SignatureExpired:
        raise ExpiredError from None
    except signing.BadSignature:
        raise NotOursError("The address of a report's file is not signed by this site.") from None
    return int(number)


def signs_itself(storage: Storage) -> bool:
    """Return whether the storage's addresses are signed ones, as those of django-storages are."""
    return bool(getattr(storage, "querystring_auth", False))


def _signed_by_storage(artefact: Artefact) -> str:
    """Return the storage's own address; the bucket answers with our headers."""
    # `parameters` and `expire` are those of django-storages' S3Storage (1.14).
    storage: Any = artefact.file.storage
    disposition = content_disposition_header(as_attachment=True, filename=artefact.download_name)
    parameters = {
        "ResponseContentDisposition": str(disposition),
        "ResponseContentType": CONTENT_TYPES[Format(artefact.format)],
    }
    expire = settings.REPORT_LINK_SECONDS
    return str(storage.url(artefact.file.name, parameters=parameters, expire=expire))
