"""An artefact's file as an answer that is sent piece by piece."""

import asyncio
from collections.abc import AsyncIterator

from django.core.files import File
from django.core.handlers.asgi import ASGIRequest
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.utils.http import content_disposition_header

from jobs.reports.formats import CONTENT_TYPES, Format
from jobs.reports.models import Artefact
from jobs.reports.reading.signed import signed_address, signs_itself

PIECE_BYTES = 64 * 1024


class FilePieces:
    """A file's bytes for an async server; the response closes it, whether it was read or not."""

    def __init__(self, file: "File[bytes]") -> None:
        self.file = file

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Give the bytes; reading happens in a thread and so blocks no other request."""
        while piece := await asyncio.to_thread(self.file.read, PIECE_BYTES):
            yield piece

    def close(self) -> None:
        """Close the file."""
        self.file.close()


def download_of(artefact: Artefact, request: HttpRequest) -> HttpResponseBase:
    """Return the file of `artefact` to be saved by the reader. Raises FileNotFoundError.

    Where the storage signs addresses, the reader is sent there: the file does not pass through
    this site.
    """
    if not signs_itself(artefact.file.storage):
        return _sent(artefact, request)
    if not artefact.file.storage.exists(str(artefact.file.name)):
        raise FileNotFoundError(artefact.file.name)
    return HttpResponseRedirect(signed_address(artefact))


def _sent(artefact: Artefact, request: HttpRequest) -> StreamingHttpResponse:
    """Return the file, piece by piece.

    Its checksum is not compared: the bytes have gone before the last one is known.
    `manage.py check_report_files` compares it. Django sends an iterator to an async server only
    after reading it whole, with a warning, and an async one to a sync server likewise; so each
    gets its own.
    """
    file = artefact.file.open("rb")
    content_type = CONTENT_TYPES[Format(artefact.format)]
    response: StreamingHttpResponse
    if isinstance(request, ASGIRequest):
        response = StreamingHttpResponse(FilePieces(file), content_type=content_type)
    else:
        response = FileResponse(file, content_type=content_type)
    disposition = content_disposition_header(as_attachment=True, filename=artefact.download_name)
    response["Content-Disposition"] = str(disposition)
    response["Content-Length"] = str(artefact.size_bytes)
    response["X-Content-Type-Options"] = "nosniff"
    return response
