"""Readers of what deploy/ holds: units, the Dockerfile, compose.yaml, the example environment."""

import json
import shlex
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
INSTALLED_IN = "/opt/punctual/"

Unit = dict[str, dict[str, list[str]]]


def read_unit(text: str) -> Unit:
    """Return section -> key -> values of a systemd unit; a key may stand more than once."""
    unit: Unit = {}
    section: dict[str, list[str]] = {}
    for line in text.replace("\\\n", " ").splitlines():
        stripped = line.strip()
        if not stripped or stripped.startswith(("#", ";")):
            continue
        if stripped.startswith("["):
            section = unit.setdefault(stripped.strip("[]"), {})
            continue
        key, _, value = stripped.partition("=")
        section.setdefault(key, []).append(value)
    return unit


def unit_texts() -> dict[str, str]:
    """Return the text of every unit by its file name."""
    return {path.name: path.read_text() for path in (DEPLOY / "systemd").glob("*.*")}


def unit_command(name: str, key: str = "ExecStart") -> list[str]:
    """Return a command of one of our units as systemd runs it, `%i` left as it is."""
    value = read_unit(unit_texts()[name])["Service"][key][0]
    return shlex.split(value.replace("%%", "%"))


def worker_variables(name: str) -> dict[str, str]:
    """Return the variables of a worker's unit, by the name of the file that it reads."""
    lines = (DEPLOY / "workers" / f"{name}.env").read_text().splitlines()
    pairs = (line.partition("=") for line in lines if not line.startswith("#"))
    return {variable: value for variable, _, value in pairs}


def worker_names() -> list[str]:
    """Return the names of the workers that are prepared."""
    return sorted(path.stem for path in (DEPLOY / "workers").glob("*.env"))


def worker_command(name: str) -> list[str]:
    """Return the command of the worker's unit with its variables filled in."""
    variables = worker_variables(name)
    return [
        variables.get(part.strip("${}"), part) if part.startswith("$") else part
        for part in unit_command("punctual-worker@.service")
    ]


def dockerfile_instructions(text: str) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile with their arguments."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    parts = [line.strip().partition(" ") for line in joined.splitlines() if line.strip()]
    return [(word, rest.strip()) for word, _, rest in parts]


def image_command(text: str) -> list[str]:
    """Return the command that the image runs when it is told nothing."""
    commands: list[list[str]] = [
        json.loads(rest) for word, rest in dockerfile_instructions(text) if word == "CMD"
    ]
    return commands[-1]


def read_compose(text: str) -> dict[str, Any]:
    """Return the compose file with its anchors resolved."""
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def health_command(service: dict[str, Any]) -> list[str]:
    """Return the health check of a compose service as the container runs it."""
    kind, *arguments = service["healthcheck"]["test"]
    if kind == "CMD":
        return list(arguments)
    return ["sh", "-c", arguments[0].replace("$$", "$")]


def comparable(command: list[str]) -> list[str]:
    """Return a command without what differs rightly: folder, address to bind, unit's name."""
    program, *arguments = command
    if "--bind" in arguments:
        position = arguments.index("--bind")
        del arguments[position : position + 2]
    return [Path(program).name, *(argument.replace("-%i", "") for argument in arguments)]
