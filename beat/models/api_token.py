"""Tokens of the API."""

from django.conf import settings
from django.db import models


class ApiToken(models.Model):
    """What a program shows to be a person: it may what the person may, and no more.

    The token itself is kept nowhere: only its SHA-256, by which it is found.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    # What it is for, so that it can be told from others and revoked.
    name = models.CharField(max_length=100)
    hash = models.CharField(max_length=64, unique=True, editable=False)
    # The first characters, for whoever finds one in a log.
    begins_with = models.CharField(max_length=16, editable=False)
    made_at = models.DateTimeField(auto_now_add=True)
    # Empty: it does not expire.
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.name} ({self.begins_with}…)"
