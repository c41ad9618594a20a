"""The top bar's links, which the installed apps bring with them."""

from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True)
class Link:
    """One entry of the top bar."""

    label: str
    address: str
    is_current: bool


def navigation(request: HttpRequest) -> dict[str, list[Link]]:
    """Return `navigation`: the links that AppConfigs declare as (label, URL name).

    A third word is the permission that a link needs. Those in `staff_navigation` are for people
    who may enter the admin.
    """
    # A page that answers before the middleware, such as an error's, has no user.
    user = getattr(request, "user", None)
    declared = [
        (label, url_name)
        for label, url_name, *permissions in _declared("navigation")
        if user is not None and user.has_perms(permissions)
    ]
    if user is not None and user.is_staff:
        declared += [(label, url_name) for label, url_name in _declared("staff_navigation")]
    if settings.DEBUG and settings.CAUGHT_MAIL_DIR:
        declared.append(("Caught mail", "development:mails"))
    addresses = {label: reverse(url_name) for label, url_name in declared}
    # Of "/runs/" and "/runs/workers/" the longer one is where the person is.
    current = max(filter(request.path.startswith, addresses.values()), key=len, default=None)
    links = [Link(label, address, address == current) for label, address in addresses.items()]
    return {"navigation": links}


def _declared(attribute: str) -> list[tuple[str, ...]]:
    return [entry for config in apps.get_app_configs() for entry in getattr(config, attribute, [])]
