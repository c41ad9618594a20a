"""A real Chromium and the site that it visits."""

import os
import shutil
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.conftest import PASSWORD

# Playwright's synchronous API runs an event loop in the test's thread, and Django would refuse
# to touch the database from it. Nothing here runs at the same time as that loop.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# Debian's build without windows, where it is, needs a third less computing.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use the system's Chromium, without its sandbox when root runs the tests."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    arguments = ["--no-sandbox"] if os.getuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": arguments}


@dataclass(frozen=True)
class LiveSite:
    """The site under test, served from this process on a free port."""

    url: str

    def sign_in(self, page: Page, user: User) -> None:
        """Sign `user` in through the form, as a person does."""
        page.goto(f"{self.url}/login/")
        page.get_by_label("Username").fill(user.get_username())
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()


@pytest.fixture
def live_site(live_server: LiveServer) -> LiveSite:
    """Return the running site."""
    return LiveSite(live_server.url)
