"""The admin's lists when they are empty: each says why, and offers only what a person can do."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db

ALERTS = "/admin/alerts/alert/"


def test_every_empty_list_says_why_and_offers_only_what_can_be_made(admin_client: Client) -> None:
    said = 0
    for model, its_admin in admin.site._registry.items():
        address = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        answer = admin_client.get(reverse(f"{address}_changelist"))
        html = answer.content.decode()
        assert "Create a new item" not in html, model
        if model._default_manager.exists():
            continue
        said += 1
        words = getattr(its_admin, "nothing", f"There are no {model._meta.verbose_name_plural} yet")
        assert words in html, model
        assert "Show all" not in html, model
        may_add = its_admin.has_add_permission(answer.wsgi_request)
        assert (f"</span> Add {model._meta.verbose_name}" in html) == may_add, model
    assert said > 15


def test_a_list_that_filters_made_empty_offers_all_of_it(admin_client: Client) -> None:
    for query in ("?standing=over", "?q=nothing+like+this"):
        html = admin_client.get(f"{ALERTS}{query}").content.decode()
        assert "Nothing is what you look for" in html
        assert "Nothing is wrong" not in html
        assert html.count("Show all") == 2, "in the head and below the words"
