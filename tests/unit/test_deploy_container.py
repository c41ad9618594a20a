"""The image and the compose file fit the repository, the units and each other."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from scheduler_site.environment import VARIABLES
from tests.deploy_files import (
    DEPLOY,
    ROOT,
    comparable,
    dockerfile_instructions,
    health_command,
    image_command,
    read_compose,
    unit_command,
    worker_command,
    worker_names,
)

DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
COMPOSE = (DEPLOY / "compose.yaml").read_text()
WORKERS = ("worker-default", "worker-mail-heavy")
OWN_SERVICES = ("migrate", "web", *WORKERS, "beat")
SETTINGS = {variable.name for variable in VARIABLES}


def dockerfile_complaints(text: str) -> list[str]:
    """Return what is wrong with the text of our Dockerfile."""
    instructions = dockerfile_instructions(text)
    copied = copied_sources(text)
    found = [
        f"{source} is not in the repository" for source in copied if not (ROOT / source).exists()
    ]
    found += [
        f"{part} is not copied"
        for part in ("scheduler_site", "beat", "jobs", "manage.py")
        if part not in copied
    ]
    users = [rest for word, rest in instructions if word == "USER"]
    if users[-1:] != ["punctual"]:
        found.append("it runs as root")
    if "--require-hashes" not in text:
        found.append("packages are installed unchecked")
    if image_command(text)[:1] != ["gunicorn"]:
        found.append("it does not serve the web pages")
    return found


def copied_sources(text: str) -> list[str]:
    """Return what the image takes from the repository, not from other stages."""
    copies = [rest.split() for word, rest in dockerfile_instructions(text) if word == "COPY"]
    return [
        source for words in copies if not words[0].startswith("--from") for source in words[:-1]
    ]


def test_the_dockerfile_copies_what_exists_and_runs_as_nobody_special() -> None:
    assert dockerfile_complaints(DOCKERFILE) == []


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("COPY beat beat", "COPY baet beat", "baet is not in the repository"),
        ("COPY jobs jobs", "", "jobs is not copied"),
        ("USER punctual", "USER root", "runs as root"),
        ("--require-hashes", "", "unchecked"),
        ('CMD ["gunicorn"', 'CMD ["unicorn"', "does not serve"),
    ],
)
def test_a_mistake_in_the_dockerfile_is_noticed(right: str, wrong: str, complaint: str) -> None:
    assert right in DOCKERFILE
    found = dockerfile_complaints(DOCKERFILE.replace(right, wrong))
    assert any(complaint in text for text in found)


def test_the_build_sees_what_it_copies_and_no_more() -> None:
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    admitted = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines
    assert admitted == set(copied_sources(DOCKERFILE))


def test_the_image_starts_web_as_the_unit_does() -> None:
    assert comparable(image_command(DOCKERFILE)) == comparable(unit_command("punctual-web.service"))


def compose_complaints(text: str) -> list[str]:
    """Return what is wrong with the text of our compose file."""
    content = read_compose(text)
    services: dict[str, dict[str, Any]] = content["services"]
    found = [
        complaint
        for name in OWN_SERVICES
        for complaint in own_service_complaints(name, services.get(name))
    ]
    for name, service in services.items():
        found += reference_complaints(name, service, content)
        if name != "migrate" and "healthcheck" not in service:
            found.append(f"{name} has no healthcheck")
        if "restart" not in service:
            found.append(f"{name} is not started again")
    forgotten = set(settings.QUEUES) - queues_taken(services)
    found += [f"nobody takes from {queue}" for queue in sorted(forgotten)]
    return found + redis_complaints(services.get("redis", {}))


def queues_taken(services: dict[str, dict[str, Any]]) -> set[str]:
    """Return the queues that the workers take from."""
    commands = [service.get("command", []) for service in services.values()]
    return {
        queue
        for command in commands
        if "--queues" in command
        for queue in command[command.index("--queues") + 1].split(",")
    }


def own_service_complaints(name: str, service: dict[str, Any] | None) -> list[str]:
    """Return complaints about one of the services that run our image."""
    if service is None:
        return [f"{name} is missing"]
    found = [
        f"{name}: {variable} is not a setting"
        for variable in service["environment"]
        if variable.removesuffix("_FILE") not in SETTINGS
    ]
    if service["image"] != "punctual":
        found.append(f"{name} runs another image")
    return found


def reference_complaints(name: str, service: dict[str, Any], content: dict[str, Any]) -> list[str]:
    """Return complaints about names that nothing declares."""
    named = {
        "secrets": service.get("secrets", []),
        "volumes": [volume.split(":")[0] for volume in service.get("volumes", [])],
        "services": list(service.get("depends_on", {})),
    }
    return [
        f"{name}: {one} is not among the {kind}"
        for kind, names in named.items()
        for one in names
        if one not in content[kind]
    ]


def redis_complaints(redis: dict[str, Any]) -> list[str]:
    """Return complaints about a Redis that would lose messages."""
    words = " ".join(redis.get("command", []))
    wanted = ("--appendonly yes", "--maxmemory-policy noeviction")
    found = [f"redis is not started with {option}" for option in wanted if option not in words]
    return found if redis.get("volumes") else [*found, "redis keeps nothing"]


def test_the_compose_file_says_what_it_must() -> None:
    assert compose_complaints(COMPOSE) == []


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("  beat:\n", "  baet:\n", "beat is missing"),
        ("REDIS_URL:", "REDIS_ADDRESS:", "REDIS_ADDRESS is not a setting"),
        ("mail,heavy", "mail", "nobody takes from heavy"),
        ('"--appendonly", "yes"', '"--appendonly", "no"', "not started with --appendonly yes"),
        ("noeviction", "allkeys-lru", "not started with --maxmemory-policy"),
        ("- messages:/data", "- massages:/data", "massages is not among the volumes"),
        ("  - secret_key\n", "  - secret_kee\n", "secret_kee is not among the secrets"),
        ("      postgres:\n", "      postgers:\n", "postgers is not among the services"),
        ("  restart: unless-stopped\n  env_file", "  env_file", "web is not started again"),
    ],
)
def test_a_mistake_in_the_compose_file_is_noticed(right: str, wrong: str, complaint: str) -> None:
    assert right in COMPOSE
    assert complaint in " / ".join(compose_complaints(COMPOSE.replace(right, wrong)))


def test_compose_and_units_run_the_same_commands() -> None:
    services = read_compose(COMPOSE)["services"]
    assert {f"worker-{name}" for name in worker_names()} == set(WORKERS)
    for name in worker_names():
        assert services[f"worker-{name}"]["command"] == comparable(worker_command(name))
    assert services["beat"]["command"] == comparable(unit_command("punctual-beat.service"))
    migrate = unit_command("punctual-web.service", "ExecStartPre")
    assert services["migrate"]["command"] == comparable(migrate)
    assert "command" not in services["web"]


def test_secrets_come_from_files_that_git_does_not_keep() -> None:
    content = read_compose(COMPOSE)
    for name, secret in content["secrets"].items():
        assert secret["file"] == f"secrets/{name}"
    for name in OWN_SERVICES:
        environment = content["services"][name]["environment"]
        assert environment["SECRET_KEY_FILE"] == "/run/secrets/secret_key"
        assert environment["DATABASE_URL_FILE"] == "/run/secrets/database_url"
    ignored = (DEPLOY / ".gitignore").read_text().splitlines()
    assert {"/secrets/", "/punctual.env"} <= set(ignored)


def test_everybody_waits_for_the_migration() -> None:
    services = read_compose(COMPOSE)["services"]
    for name in ("web", *WORKERS, "beat"):
        condition = services[name]["depends_on"]["migrate"]["condition"]
        assert condition == "service_completed_successfully"


def test_the_programs_of_health_checks_are_in_the_image() -> None:
    services = read_compose(COMPOSE)["services"]
    program, script = health_command(services["web"])
    assert program == "python"
    assert script in copied_sources(DOCKERFILE)
    assert (ROOT / script).exists()
    for name in (*WORKERS, "beat"):
        assert health_command(services[name])[2].startswith("celery -A scheduler_site inspect ping")


def test_containers_stop_as_patiently_as_units() -> None:
    services = read_compose(COMPOSE)["services"]
    assert {services[name]["stop_grace_period"] for name in WORKERS} == {"2m"}
    assert services["web"]["stop_grace_period"] == "45s"
    assert services["beat"]["stop_grace_period"] == "30s"


def test_the_proxy_example_passes_on_what_the_settings_believe() -> None:
    nginx = Path(DEPLOY / "nginx.conf").read_text()
    assert "proxy_set_header X-Forwarded-Proto $scheme;" in nginx
    assert "proxy_set_header Host $host;" in nginx
    assert nginx.count("{") == nginx.count("}")
