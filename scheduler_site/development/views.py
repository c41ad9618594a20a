"""The pages of caught mail. They exist only where settings.CAUGHT_MAIL_DIR is set and DEBUG on."""

from itertools import islice
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from scheduler_site.development import mailbox

MAILS_SHOWN = 100
# The mail's own HTML: nothing runs, nothing is loaded, it cannot reach the page around it.
# Links may open in a new tab, so that what a digest points to can be tried.
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'"
)
LINKS_OPEN_IN_A_NEW_TAB = '<base target="_blank">'


@require_safe
@never_cache
@login_required
def caught_mails(request: HttpRequest) -> HttpResponse:
    """Return the list of caught mails, newest first."""
    mails = list(islice(mailbox.newest_first(_folder()), MAILS_SHOWN))
    return render(request, "development/mails.html", {"mails": mails, "most": MAILS_SHOWN})


@require_safe
@login_required
def caught_mail(request: HttpRequest, name: str) -> HttpResponse:
    """Return one mail: its text, its HTML in a frame, its attachments and headers."""
    return render(request, "development/mail.html", {"mail": _mail_or_404(name)})


@require_safe
@login_required
def caught_mail_html(_request: HttpRequest, name: str) -> HttpResponse:
    """Return the mail's HTML part alone, for the frame, under a policy that allows nothing."""
    html = _mail_or_404(name).html_with_pictures
    if html is None:
        raise Http404("This mail has no HTML part.")
    response = HttpResponse(LINKS_OPEN_IN_A_NEW_TAB + html)
    response["Content-Security-Policy"] = MAIL_POLICY
    return response


@require_safe
@login_required
def attachment(_request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Return an attached file as a download, never as a page."""
    for attached in _mail_or_404(name).attachments:
        if attached.number == number:
            response = HttpResponse(attached.content, content_type="application/octet-stream")
            response.headers["Content-Disposition"] = _as_download(attached.file_name)
            return response
    raise Http404("This mail has no such attachment.")


def _folder() -> Path:
    return Path(settings.CAUGHT_MAIL_DIR)


def _mail_or_404(name: str) -> mailbox.Mail:
    mail = mailbox.find(_folder(), name)
    if mail is None:
        raise Http404("There is no such mail.")
    return mail


def _as_download(file_name: str) -> str:
    """Return the header that names the file; Django escapes what must not stand in it."""
    header = content_disposition_header(as_attachment=True, filename=file_name)
    return header or "attachment"
