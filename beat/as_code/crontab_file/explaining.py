"""What of a crontab has no counterpart, or another one, in words."""

from collections.abc import Mapping

from beat.as_code.crontab_file.lines import JobLine

# Cron's own; all others go to the command as they are.
MEANT_FOR_CRON = frozenset(
    {"SHELL", "HOME", "MAILTO", "MAILFROM", "CRON_TZ", "LOGNAME", "USER", "RANDOM_DELAY"}
)
VARIABLES = {
    "SHELL": "the commands below are run by this shell.",
    "HOME": "the commands below are run in this folder.",
    "MAILTO": "cron mails what a command prints; here it is in the log of the run.",
    "MAILFROM": "cron mails what a command prints; here it is in the log of the run.",
    "CRON_TZ": "the times below are of this time zone.",
    "LOGNAME": "cron does not let it be changed; left out.",
    "USER": "cron does not let it be changed; left out.",
    "RANDOM_DELAY": "cronie waits up to so many minutes; left out: set jitter_seconds in a policy.",
    "TZ": "given to the commands below; it does not change when they are due, as in cron.",
}
OTHERS = "given to the commands below; whoever sees the schedules sees its value."


def variable_explained(name: str) -> str:
    """Return what becomes of a variable."""
    return f"{name}: {VARIABLES.get(name, OTHERS)}"


def environment_of(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that the command gets."""
    kept = {name: value for name, value in variables.items() if name not in MEANT_FOR_CRON}
    return kept | ({"HOME": variables["HOME"]} if "HOME" in variables else {})


def notes_of(job: JobLine, parts: int, text_of_input: str) -> list[str]:
    """Return what a person has to know about a job that was read."""
    notes = []
    if parts > 1:
        notes.append(
            "Day of month and day of week: either is enough for cron. Here it is two schedules, "
            "the second one for the weekdays of all other days of the month."
        )
    if text_of_input:
        notes.append("The text after % is its standard input, as cron reads it.")
    elif "\\%" in job.command:
        notes.append(r"\% is a plain % outside of cron.")
    if job.user:
        notes.append(f"Cron ran it as {job.user}; here it runs as the worker's account.")
    return notes


def why_not_reboot() -> str:
    """Return why @reboot is not imported."""
    return (
        "@reboot is not imported: the start of a machine is no time. Let the machine start it: "
        "a unit of systemd, for instance."
    )
