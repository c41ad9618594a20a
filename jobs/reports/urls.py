from django.urls import path

from jobs.reports.delivery import views as delivery
from jobs.reports.delivery import views_deciding
from jobs.reports.reading import views, views_file, views_marks, views_next
from jobs.reports.sharing import views as sharing
from jobs.reports.sharing import views_shared

app_name = "reports"

urlpatterns = [
    path("", views.library, name="library"),
    path("files/<str:token>", views_file.file, name="file"),
    path("<int:report_id>/", views.report, name="report"),
    path("<int:report_id>/making/", views_next.making, name="making"),
    path("<int:report_id>/about/", views_next.about, name="about"),
    path("<int:report_id>/favourite/", views_marks.favourite, name="favourite"),
    path("<int:report_id>/versions/", views.versions, name="versions"),
    path("<int:report_id>/versions/<int:number>/", views.version, name="version"),
    path("<int:report_id>/versions/<int:number>/changes/", views.changes, name="changes"),
    path(
        "<int:report_id>/versions/<int:number>/download/<slug:format_>",
        views.download,
        name="download",
    ),
    path("<int:report_id>/share/", sharing.share, name="share"),
    path("<int:report_id>/share/<int:link_id>/revoke/", sharing.revoke, name="revoke"),
    path("subscriptions/", delivery.subscriptions, name="subscriptions"),
    path("<int:report_id>/subscription/", delivery.subscription, name="subscription"),
    path("<int:report_id>/subscribe/", delivery.subscribe_now, name="subscribe"),
    path("<int:report_id>/unsubscribe/", delivery.unsubscribe_now, name="unsubscribe_now"),
    path("unsubscribe/<str:token>/", delivery.unsubscribe_by_link, name="unsubscribe"),
    path("<int:report_id>/versions/<int:number>/hold/", views_deciding.hold, name="hold"),
    path("doubtful/", views_deciding.doubtful, name="doubtful"),
    path("shared/<str:token>/", views_shared.shared, name="shared"),
    path("shared/<str:token>/<slug:format_>", views_shared.download, name="shared_download"),
]
