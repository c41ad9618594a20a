from django.urls import path

from jobs.digests import views

app_name = "digests"

urlpatterns = [
    path("", views.subscription, name="subscription"),
    path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
