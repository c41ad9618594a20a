"""The version of the product stands in two places that agree."""

import tomllib
from pathlib import Path

from scheduler_site.version import VERSION


def test_the_code_and_its_project_file_name_the_same_version() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION
