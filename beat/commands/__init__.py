"""The verbs of `manage.py schedules`: one module each, found by its name.

A module `skip_next` is the verb `skip-next`. The first line of its docstring is its help. It has

    def add_arguments(parser: CommandParser) -> None: ...
    def handle(options: dict[str, Any], stdout: OutputWrapper) -> int: ...

`handle` returns the exit code: 0 when all is well, 1 when something went wrong (2 is for verbs
that answer "different"). It raises CommandError with a sentence for what ends it.
"""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType


def verbs() -> dict[str, ModuleType]:
    """Return the modules by their verbs, in alphabetical order."""
    names = sorted(module.name for module in iter_modules(__path__) if module.name[0] != "_")
    return {name.replace("_", "-"): import_module(f"{__name__}.{name}") for name in names}
