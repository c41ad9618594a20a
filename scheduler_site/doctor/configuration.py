"""Settings that are valid each, and yet wrong for production or wrong together."""

from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any, Self
from urllib.parse import urlsplit

from django.http.request import validate_host

from scheduler_site.doctor.findings import Finding, ok, warning

SUBJECT = "settings"
SECRET_KEY_LENGTH = 50
SECRET_KEY_VARIETY = 10
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1", "0.0.0.0")  # noqa: S104 - compared, not bound


@dataclass(frozen=True)
class Configuration:
    """The settings that are looked at."""

    debug: bool
    site_url: str
    secret_key: str
    allowed_hosts: list[str]
    secure_cookies: bool
    default_from_email: str
    alerts_to: list[str]

    @classmethod
    def of(cls, settings: Any) -> Self:
        """Return what Django's settings hold."""
        return cls(
            debug=settings.DEBUG,
            site_url=settings.SITE_URL,
            secret_key=settings.SECRET_KEY,
            allowed_hosts=settings.ALLOWED_HOSTS,
            secure_cookies=settings.SESSION_COOKIE_SECURE,
            default_from_email=settings.DEFAULT_FROM_EMAIL,
            alerts_to=settings.ALERTS_TO,
        )


def configuration_findings(configuration: Configuration) -> list[Finding]:
    """Return what is wrong for production, or one finding that nothing is."""
    if configuration.debug:
        return [
            warning(
                SUBJECT,
                "DEBUG is on: pages show the details of errors to everybody.",
                "Right on a developer's machine; in production take DEBUG out.",
            )
        ]
    checks = (_secret_key, _hosts, _site_url, _transport, _sender, _alerts)
    found = [finding for check in checks for finding in check(configuration)]
    return found or [ok(SUBJECT, "Fit for production.")]


def _secret_key(configuration: Configuration) -> list[Finding]:
    key = configuration.secret_key
    if len(key) >= SECRET_KEY_LENGTH and len(set(key)) >= SECRET_KEY_VARIETY:
        return []
    return [
        warning(
            SUBJECT,
            f"SECRET_KEY has {len(key)} characters, {len(set(key))} of them different.",
            f"Make one of {SECRET_KEY_LENGTH} random characters: openssl rand -base64 48",
        )
    ]


def _hosts(configuration: Configuration) -> list[Finding]:
    if "*" in configuration.allowed_hosts:
        return [
            warning(
                SUBJECT,
                "ALLOWED_HOSTS accepts every name: links in answers can be forged.",
                "Write the names of the web pages instead of the star.",
            )
        ]
    name = urlsplit(configuration.site_url).hostname or ""
    if validate_host(name, configuration.allowed_hosts):
        return []
    return [
        warning(
            SUBJECT,
            f"SITE_URL names the host {name!r}, which ALLOWED_HOSTS does not hold.",
            "Links in mails lead to a page that answers 400; make the two agree.",
        )
    ]


def _site_url(configuration: Configuration) -> list[Finding]:
    if urlsplit(configuration.site_url).hostname not in LOOPBACK_NAMES:
        return []
    return [
        warning(
            SUBJECT,
            f"SITE_URL is {configuration.site_url}: links in mails work on this machine only.",
            "Set SITE_URL to the public address of the pages.",
        )
    ]


def _transport(configuration: Configuration) -> list[Finding]:
    is_https = configuration.site_url.startswith("https:")
    if is_https and not configuration.secure_cookies:
        return [
            warning(
                SUBJECT,
                "SITE_URL is https, but cookies may travel without it, and forms are refused.",
                "Set BEHIND_TLS_PROXY=1 and let the proxy send X-Forwarded-Proto.",
            )
        ]
    if configuration.secure_cookies and not is_https:
        return [
            warning(
                SUBJECT,
                "BEHIND_TLS_PROXY is on, but SITE_URL is not https: no login works then.",
                "Set SITE_URL to the https address.",
            )
        ]
    return []


def _sender(configuration: Configuration) -> list[Finding]:
    address = parseaddr(configuration.default_from_email)[1]
    if address.rpartition("@")[2] not in ("", "localhost"):
        return []
    return [
        warning(
            SUBJECT,
            f"DEFAULT_FROM_EMAIL sends as {address or 'nobody'}: most servers refuse that.",
            "Set it to an address that your mail server may send from.",
        )
    ]


def _alerts(configuration: Configuration) -> list[Finding]:
    if configuration.alerts_to:
        return []
    return [
        warning(
            SUBJECT,
            "ALERTS_TO is empty: nobody is told when beat is silent, nor of the failures of "
            "schedules whose policy names nobody.",
            "Set it to the addresses of those who mend things.",
        )
    ]
