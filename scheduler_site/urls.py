"""The addresses. Each job app's own urls.py is mounted at `/<its name>/`."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, URLResolver, include, path

from beat.api.addresses import api
from scheduler_site import views


def _job_addresses() -> list[URLResolver]:
    return [
        path(f"{config.label}/", include(f"{config.name}.urls"))
        for config in apps.get_app_configs()
        if config.name.startswith("jobs.") and find_spec(f"{config.name}.urls")
    ]


# In Celery's processes nobody has yet.
admin.autodiscover()
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
    *_job_addresses(),
]

if settings.DEBUG and settings.CAUGHT_MAIL_DIR:
    development = import_module("scheduler_site.development.urls")
    urlpatterns.append(path("development/", include(development)))
