"""Reports in the admin: what their owners decide, the SQL of some, and versions to read."""

from jobs.reports.admin.reports import ReportAdmin, ReportTagAdmin
from jobs.reports.admin.versions import VersionAdmin, WeatherObservationAdmin

__all__ = ["ReportAdmin", "ReportTagAdmin", "VersionAdmin", "WeatherObservationAdmin"]
