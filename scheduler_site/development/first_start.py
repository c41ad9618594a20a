"""What the first start leaves in the database: the demo, and the first admin.

Run as a process of its own (`python -m`), so that the supervisor holds no database connection.
Both are one transaction: a start that was cut short begins again, and what an operator deletes
afterwards stays deleted.
"""

import json
import os
import secrets
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction

from scheduler_site.development.errors import DevelopmentError

if TYPE_CHECKING:
    from django.contrib.auth.models import User

ADMIN = "admin"
ADMIN_ADDRESS = "admin@localhost"
# Without letters and digits that look alike; 16 of them are about 78 bits.
PASSWORD_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105 - not a password
PASSWORD_LENGTH = 16
CHANGED = "(as you changed it)"
NOT_KNOWN = "(not kept; set one with: manage.py changepassword {user})"


@dataclass(frozen=True)
class Login:
    """What the ready line prints; `password` may be words that say why it is not shown."""

    user: str
    password: str


def password_file(folder: Path) -> Path:
    """Return where the first admin's password is kept for the next start's ready line."""
    return folder / "admin-password"


def keep_password(folder: Path) -> str:
    """Return the kept password, made on the first call and readable by its owner only."""
    path = password_file(folder)
    path.touch(mode=0o600)
    kept = path.read_text(encoding="ascii").strip()
    if not kept:
        kept = "".join(secrets.choice(PASSWORD_ALPHABET) for _ in range(PASSWORD_LENGTH))
        path.write_text(kept, encoding="ascii")
    return kept


def login(folder: Path) -> Login:
    """Return an admin's name and the password that works, or words in its place."""
    admins = get_user_model().objects.filter(is_superuser=True, is_active=True)
    admin = admins.filter(username=ADMIN).first() or admins.order_by("pk").first()
    if admin is None:
        return Login("(no admin; make one with: manage.py createsuperuser)", "(none)")
    return Login(admin.get_username(), _password_of(admin, folder))


def _password_of(admin: "User", folder: Path) -> str:
    path = password_file(folder)
    if admin.get_username() != ADMIN or not path.exists():
        return NOT_KNOWN.format(user=admin.get_username())
    kept = path.read_text(encoding="ascii").strip()
    return kept if admin.check_password(kept) else CHANGED


def prepare(folder: Path) -> Login:
    """Load the demo and make the first admin unless there is a user; return the login."""
    from scheduler_site.development import demo  # noqa: PLC0415 - its models need django.setup()

    users = get_user_model().objects
    if not users.exists():
        password = keep_password(folder)
        with transaction.atomic():
            # First, because a demo may subscribe the admin to its mails.
            users.create_superuser(ADMIN, ADMIN_ADDRESS, password)
            for sentence in demo.load_all():
                print(sentence, flush=True)
    return login(folder)


def main() -> None:
    """Prepare the database; the last line of the output is the login as JSON."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scheduler_site.settings")
    django.setup()
    try:
        found = prepare(settings.VAR_DIR)
    except DevelopmentError as problem:
        sys.exit(str(problem))
    print(json.dumps(asdict(found)))


if __name__ == "__main__":
    main()
