"""Where the files of reports are kept, as Django's STORAGES has it: a folder, or S3. Pure."""

from typing import Any
from urllib.parse import urlsplit

IN_FOLDER = {"BACKEND": "django.core.files.storage.FileSystemStorage"}


def report_storage(environment: dict[str, Any]) -> dict[str, Any]:
    """Return the storage that REPORT_STORAGE names; empty: the folder MEDIA_ROOT.

    Without keys boto3 looks for them in its own ways (instance roles, AWS_* variables).
    """
    if not environment["REPORT_STORAGE"]:
        return IN_FOLDER
    place = urlsplit(environment["REPORT_STORAGE"])
    endpoint = environment["REPORT_STORAGE_ENDPOINT"] or None
    options = {
        "bucket_name": place.netloc,
        "location": place.path.strip("/"),
        "endpoint_url": endpoint,
        "region_name": environment["REPORT_STORAGE_REGION"] or None,
        "access_key": environment["REPORT_STORAGE_KEY"] or None,
        "secret_key": environment["REPORT_STORAGE_SECRET"] or None,
        # The bucket is private: readers get addresses that are signed and expire.
        "default_acl": None,
        "querystring_auth": True,
        "querystring_expire": environment["REPORT_LINK_SECONDS"],
        "signature_version": "s3v4",
        # Servers other than Amazon's seldom have a host name for each bucket.
        "addressing_style": "path" if endpoint else "auto",
        # Each name has 128 random bits; asking whether it is taken would be a request per file.
        "file_overwrite": True,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
