"""The variables that a command sees: few, and none of the worker's secrets. Pure but for HOME."""

import os
import pwd
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What the machine says of language and time.
TAKEN_OVER = ("LANG", "LC_ALL", "TZ", "TMPDIR")


def environment_of_command(
    given: Mapping[str, str], run_id: UUID | None, due_at: datetime
) -> dict[str, str]:
    """Return the variables: the account, a PATH, the run, and above all those that are given."""
    account = pwd.getpwuid(os.getuid())
    names = {name: os.environ[name] for name in TAKEN_OVER if name in os.environ}
    return {
        "PATH": PATH,
        "HOME": account.pw_dir,
        "USER": account.pw_name,
        "LOGNAME": account.pw_name,
        **names,
        "PUNCTUAL_RUN": str(run_id or ""),
        "PUNCTUAL_DUE_AT": due_at.isoformat(),
        **{name: str(value) for name, value in given.items()},
    }
