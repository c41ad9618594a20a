from django.urls import path

from jobs.runs import views

app_name = "runs"

urlpatterns = [
    path("", views.history, name="history"),
    path("<uuid:run_id>/", views.run, name="run"),
]
