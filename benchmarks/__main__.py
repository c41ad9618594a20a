"""`python -m benchmarks <name>`: progress to standard error, Markdown tables to standard output."""

import sys
from importlib import import_module

from benchmarks import occurrences, reports
from benchmarks.arguments import read_arguments
from benchmarks.stage import (
    end_in_order_when_terminated,
    measure_on,
    measured_database,
    prepare_django,
)

WITHOUT_SERVERS = {"occurrences": occurrences.main, "reports": reports.main}


def main() -> None:
    """Measure on each database, in a process for each of them."""
    options = read_arguments(sys.argv[1:])
    end_in_order_when_terminated()
    database = measured_database()
    if options.name in WITHOUT_SERVERS:
        WITHOUT_SERVERS[options.name]()
    elif database is not None:
        prepare_django()
        import_module(f"benchmarks.{options.name}").measure(database, options)
    else:
        for each in options.databases:
            measure_on(each)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Stopped.")
