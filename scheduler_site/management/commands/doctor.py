"""`manage.py doctor`: what is wrong with this installation, and what to do."""

import json
import sys
from collections import Counter
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from scheduler_site.doctor.checks import NAMES, installation_checks, installation_secrets
from scheduler_site.doctor.examination import examine
from scheduler_site.doctor.findings import Finding, Level
from scheduler_site.doctor.wording import without_secrets

LIMIT_SECONDS = 10.0


class Command(BaseCommand):
    """Prints one line for each finding and changes nothing; exits with 1 when one is a problem."""

    help = "Check settings, database, broker, workers, mail and storage; say what to do."
    # It has to speak where everything else fails.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --json, --only and --strict."""
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--only",
            nargs="+",
            choices=NAMES,
            default=NAMES,
            metavar="CHECK",
            help=f"run only these checks: {', '.join(NAMES)}",
        )
        parser.add_argument("--strict", action="store_true", help="a warning fails, too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the checks, print the findings, and exit with 1 when there is a problem."""
        checks = {
            name: check for name, check in installation_checks().items() if name in options["only"]
        }
        secrets = installation_secrets()
        findings = [without_secrets(finding, secrets) for finding in examine(checks, LIMIT_SECONDS)]
        failing = {Level.PROBLEM, Level.WARNING} if options["strict"] else {Level.PROBLEM}
        passed = not any(finding.level in failing for finding in findings)
        if options["json"]:
            self._print_json(findings, passed)
        else:
            self._print_lines(findings)
        if not passed:
            sys.exit(1)

    def _print_json(self, findings: list[Finding], passed: bool) -> None:
        content = {"passed": passed, "findings": [asdict(finding) for finding in findings]}
        self.stdout.write(json.dumps(content, indent=2))

    def _print_lines(self, findings: list[Finding]) -> None:
        # Django's styles are plain text where standard output is not a terminal.
        styles = {
            Level.OK: self.style.SUCCESS,
            Level.WARNING: self.style.WARNING,
            Level.PROBLEM: self.style.ERROR,
        }
        for finding in findings:
            self.stdout.write(styles[finding.level](finding.line))
        self.stdout.write(_summary(findings))


def _summary(findings: list[Finding]) -> str:
    counts = Counter(finding.level for finding in findings)
    problems, warnings = counts[Level.PROBLEM], counts[Level.WARNING]
    if not problems and not warnings:
        return "Everything is in order."
    return f"Problems: {problems}, warnings: {warnings}."
