from django.urls import path

from jobs.feedback import views

app_name = "feedback"

urlpatterns = [
    path("", views.form, name="form"),
    path("thanks/", views.thanks, name="thanks"),
]
