from django.urls import path

from jobs.cleanup import views

app_name = "cleanup"

urlpatterns = [path("", views.rules, name="rules")]
