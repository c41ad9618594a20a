from django.urls import path

from jobs.reports.reading import views

app_name = "reports"

urlpatterns = [
    path("", views.library, name="library"),
    path("<int:report_id>/", views.report, name="report"),
    path("<int:report_id>/versions/", views.versions, name="versions"),
    path("<int:report_id>/versions/<int:number>/", views.version, name="version"),
    path(
        "<int:report_id>/versions/<int:number>/download/<slug:format_>",
        views.download,
        name="download",
    ),
]
