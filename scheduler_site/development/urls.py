"""The addresses of the pages that exist only in development."""

from django.urls import path

from scheduler_site.development import views

app_name = "development"

urlpatterns = [
    path("mail/", views.caught_mails, name="mails"),
    path("mail/<str:name>/", views.caught_mail, name="mail"),
    path("mail/<str:name>/html/", views.caught_mail_html, name="mail_html"),
    path("mail/<str:name>/attachments/<int:number>/", views.attachment, name="attachment"),
]
