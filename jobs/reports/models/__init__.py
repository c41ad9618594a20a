"""Everything about reports that is kept in the database."""

from jobs.reports.models.delivery import (
    DeliveryGate,
    DeliveryState,
    DomainMinute,
    Hold,
    MailSender,
    ReportDelivery,
    Subscription,
)
from jobs.reports.models.marks import ReaderMark, ShareLink, ShareUse
from jobs.reports.models.report import Report, ReportQuerySet, ReportTag
from jobs.reports.models.sql import PeriodKind, SqlDefinition
from jobs.reports.models.version import Artefact, Version, VersionQuerySet
from jobs.reports.models.weather import WeatherObservation

__all__ = [
    "Artefact",
    "DeliveryGate",
    "DeliveryState",
    "DomainMinute",
    "Hold",
    "MailSender",
    "PeriodKind",
    "ReaderMark",
    "Report",
    "ReportDelivery",
    "ReportQuerySet",
    "ReportTag",
    "ShareLink",
    "ShareUse",
    "SqlDefinition",
    "Subscription",
    "Version",
    "VersionQuerySet",
    "WeatherObservation",
]
