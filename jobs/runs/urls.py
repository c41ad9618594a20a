from django.urls import path

from jobs.runs import views, views_by_hand

app_name = "runs"

urlpatterns = [
    path("", views.history, name="history"),
    path("workers/", views.workers, name="workers"),
    path("<uuid:run_id>/", views.run, name="run"),
    path("<uuid:run_id>/retry/", views_by_hand.retry, name="retry"),
    path("<uuid:run_id>/cancel/", views_by_hand.cancel, name="cancel"),
]
