"""What each benchmark can be told on the command line, with what `make bench` tells it."""

from argparse import ArgumentParser, Namespace, _SubParsersAction

from benchmarks.stage import DATABASES, POSTGRESQL


def read_arguments(words: list[str]) -> Namespace:
    """Return the benchmark's name, its databases and its numbers; ends the process on an error."""
    parser = ArgumentParser(prog="python -m benchmarks", description="Measure and print a table.")
    names = parser.add_subparsers(dest="name", required=True, metavar="benchmark")
    _add_due_at_once(names)
    _add_steady(names)
    _add_idle(names)
    _add_edits(names)
    _add_workers(names)
    _add_pages(names)
    _add_report_pages(names)
    _with_databases(names, "ledger", DATABASES, "what recording, starting and ending a run costs")
    _with_databases(names, "task_costs", DATABASES, "what a task's log and progress cost")
    _add_table_size(names)
    _add_mails(names)
    names.add_parser("occurrences", help="what the arithmetic of time costs; needs no server")
    names.add_parser("reports", help="what the files of a report cost; needs no server")
    return parser.parse_args(words)


def _add_due_at_once(names: "_SubParsersAction[ArgumentParser]") -> None:
    parser = _with_databases(names, "due_at_once", DATABASES, "many occurrences at one instant")
    _number(parser, "--occurrences", [10_000], "of Punctual", several=True)
    _number(parser, "--stock", 1_000, "occurrences of DatabaseScheduler, which takes minutes")
    _number(parser, "--redbeat", 10_000, "occurrences of celery-redbeat")


def _add_steady(names: "_SubParsersAction[ArgumentParser]") -> None:
    parser = _with_databases(names, "steady", [POSTGRESQL], "many schedules of a short interval")
    _number(parser, "--schedules", 5_000, "schedules")
    _number(parser, "--every", 10, "seconds of their interval")
    parser.add_argument("--minutes", type=float, default=1.0, help="how long (default: 1)")


def _add_idle(names: "_SubParsersAction[ArgumentParser]") -> None:
    parser = _with_databases(names, "idle", [POSTGRESQL], "the cost of timers that are not due")
    _number(parser, "--timers", [1_000, 100_000], "timers", several=True)
    _number(parser, "--others-at-most", 1_000, "timers with which the other schedulers are tried")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long (default: 30)")


def _add_edits(names: "_SubParsersAction[ArgumentParser]") -> None:
    parser = _with_databases(names, "edits", [POSTGRESQL], "how soon an edit is in force")
    _number(parser, "--schedules", 100_000, "schedules of Punctual")
    _number(parser, "--edits", 60, "edits of Punctual's, one after the other")
    _number(parser, "--at-once", 10_000, "edits of Punctual's in one statement")
    _number(parser, "--others", 1_000, "schedules of the other schedulers")
    _number(parser, "--others-edits", 5, "edits of the other schedulers")


def _add_workers(names: "_SubParsersAction[ArgumentParser]") -> None:
    parser = _with_databases(names, "workers", [POSTGRESQL], "tasks that a worker ends per second")
    _number(parser, "--tasks", 5_000, "tasks that do nothing, in each round")
    _number(parser, "--rounds", 3, "rounds, of which the median counts")


def _add_table_size(names: "_SubParsersAction[ArgumentParser]") -> None:
    meaning = "the cost of a run beside many that have ended"
    parser = _with_databases(names, "table_size", [POSTGRESQL], meaning)
    _number(parser, "--rows", [10_000, 10_000_000], "ended runs", several=True)


def _add_pages(names: "_SubParsersAction[ArgumentParser]") -> None:
    parser = _with_databases(names, "pages", [POSTGRESQL], "the pages that list schedules")
    _number(parser, "--schedules", 100_000, "schedules")
    _number(parser, "--runs", 1_000_000, "runs")
    _number(parser, "--times", 20, "requests of each page")


def _add_report_pages(names: "_SubParsersAction[ArgumentParser]") -> None:
    parser = _with_databases(names, "report_pages", [POSTGRESQL], "the pages of reports")
    _number(parser, "--reports", 1_000, "reports")
    _number(parser, "--versions", 100_000, "versions of all of them together")
    _number(parser, "--times", 20, "requests of each page")


def _add_mails(names: "_SubParsersAction[ArgumentParser]") -> None:
    parser = _with_databases(names, "mails", DATABASES, "mails of a report per second")
    _number(parser, "--mails", 3_000, "mails of each kind in a round")
    _number(parser, "--rounds", 3, "rounds, of which the median counts")


def _with_databases(
    names: "_SubParsersAction[ArgumentParser]", name: str, databases: object, meaning: str
) -> ArgumentParser:
    parser = names.add_parser(name, help=meaning)
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=databases)
    return parser


def _number(
    parser: ArgumentParser, option: str, default: object, meaning: str, several: bool = False
) -> None:
    parser.add_argument(
        option,
        type=int,
        nargs="+" if several else None,
        default=default,
        help=f"{meaning} (default: {default})",
    )
