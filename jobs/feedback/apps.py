from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "jobs.feedback"
    verbose_name = "Feedback"
