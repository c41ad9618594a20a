"""Doctor's view of brokers: real ones, and things that only look like one."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from scheduler_site.development.ports import free_port
from scheduler_site.development.redis_server import RedisServer, find_executable
from scheduler_site.doctor.broker import broker_findings
from scheduler_site.doctor.findings import Finding, Level
from tests.servers.scripted import answering
from tests.waiting import wait_until


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """Yield a Redis whose configuration a test may spoil."""
    with RedisServer(tmp_path / "redis", find_executable()) as server:
        yield server


@pytest.fixture
def client(own_redis: RedisServer) -> Iterator[redis.Redis]:
    """Yield a connection to it that was made before anything is spoilt."""
    with redis.Redis.from_url(own_redis.url) as connected:
        connected.ping()
        yield connected


def worst(findings: list[Finding]) -> Finding:
    """Return the only finding that is not ok."""
    (found,) = [finding for finding in findings if finding.level != Level.OK]
    return found


def let_in_without(client: redis.Redis, command: str) -> None:
    """Make a user `celery` with the password `word` who may do everything but one command."""
    client.acl_setuser(
        "celery",
        enabled=True,
        passwords=["+word"],
        categories=["+@all"],
        commands=[command],
        keys=["*"],
        channels=["*"],
    )


def test_a_redis_that_keeps_messages_safe_is_in_order(own_redis: RedisServer) -> None:
    findings = broker_findings(own_redis.url)
    assert {finding.level for finding in findings} == {Level.OK}
    said = " ".join(finding.sentence for finding in findings)
    assert "noeviction" in said
    assert "append-only file" in said


def test_a_redis_that_throws_messages_away_is_a_warning(
    own_redis: RedisServer, client: redis.Redis
) -> None:
    client.config_set("maxmemory-policy", "allkeys-lru")
    found = worst(broker_findings(own_redis.url))
    assert found.level == Level.WARNING
    assert "allkeys-lru" in found.sentence
    assert "maxmemory-policy noeviction" in found.advice


@pytest.mark.parametrize(
    ("snapshots", "level", "words"),
    [("900 1", Level.WARNING, "only makes snapshots"), ("", Level.PROBLEM, "nothing to disk")],
)
def test_a_redis_without_an_append_only_file_loses_messages(
    own_redis: RedisServer, client: redis.Redis, snapshots: str, level: Level, words: str
) -> None:
    client.config_set("appendonly", "no")
    client.config_set("save", snapshots)
    found = worst(broker_findings(own_redis.url))
    assert found.level == level
    assert words in found.sentence
    assert "appendonly yes" in found.advice


@pytest.mark.parametrize("credentials", ["", ":mistaken-word@"])
def test_a_missing_or_wrong_password_is_told_apart_and_not_repeated(
    own_redis: RedisServer, client: redis.Redis, credentials: str
) -> None:
    client.config_set("requirepass", "right-word")
    found = worst(broker_findings(f"redis://{credentials}127.0.0.1:{own_redis.port}/0"))
    assert found.level == Level.PROBLEM
    assert "without the right password" in found.sentence
    assert "mistaken-word" not in found.line
    right = broker_findings(f"redis://:right-word@127.0.0.1:{own_redis.port}/0")
    assert {finding.level for finding in right} == {Level.OK}


def test_a_user_who_may_not_ask_is_a_warning(own_redis: RedisServer, client: redis.Redis) -> None:
    let_in_without(client, "-info")
    found = worst(broker_findings(f"redis://celery:word@127.0.0.1:{own_redis.port}/0"))
    assert found.level == Level.WARNING
    assert "does not tell how it is" in found.sentence


def test_a_redis_that_hides_its_configuration_is_judged_by_the_rest(
    own_redis: RedisServer, client: redis.Redis
) -> None:
    client.config_set("appendonly", "no")
    let_in_without(client, "-config")
    found = worst(broker_findings(f"redis://celery:word@127.0.0.1:{own_redis.port}/0"))
    assert found.level == Level.WARNING
    assert "it does not tell" in found.sentence


def test_a_replica_takes_no_messages(own_redis: RedisServer, client: redis.Redis) -> None:
    client.replicaof("127.0.0.1", str(free_port()))
    found = worst(broker_findings(own_redis.url))
    assert found.level == Level.PROBLEM
    assert "replica" in found.sentence


def test_a_redis_short_of_memory_is_a_problem(own_redis: RedisServer, client: redis.Redis) -> None:
    client.config_set("maxmemory", int(client.info("memory")["used_memory"] * 1.02))
    found = worst(broker_findings(own_redis.url))
    assert found.level == Level.PROBLEM
    assert "of its limit" in found.sentence


def test_a_redis_that_cannot_write_its_snapshot_refuses_messages(
    own_redis: RedisServer, client: redis.Redis
) -> None:
    client.config_set("save", "900 1")
    shutil.rmtree(own_redis.directory)
    client.bgsave()
    wait_until(
        lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err",
        "the snapshot to fail",
    )
    found = worst(broker_findings(own_redis.url))
    assert found.level == Level.PROBLEM
    assert "snapshot" in found.sentence
    assert "disk" in found.advice
    own_redis.kill()  # asked to end, it would try to write until the time for that is over


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"220 mail.example ESMTP\r\n", "not a Redis"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "not a Redis"),
        (b"-LOADING Redis is loading the dataset in memory\r\n", "still loading"),
        (b"-ERR max number of clients reached\r\n", "no connection left"),
        (b"", "No answer came in time"),
    ],
    ids=["smtp", "http", "loading", "full", "silent"],
)
def test_what_answers_otherwise_is_named(answer: bytes, words: str) -> None:
    with answering(answer) as port:
        found = worst(broker_findings(f"redis://:hidden-word@127.0.0.1:{port}/0", 1))
    assert found.level == Level.PROBLEM
    assert words in found.sentence
    assert f"127.0.0.1:{port}" in found.sentence
    assert "hidden-word" not in found.line


@pytest.mark.parametrize("scheme", ["redis", "rediss", "amqp"])
def test_a_closed_port_says_that_nobody_listens(scheme: str) -> None:
    port = free_port()
    found = worst(broker_findings(f"{scheme}://someone:hidden-word@127.0.0.1:{port}/0"))
    assert found.level == Level.PROBLEM
    assert "Nobody listens at" in found.sentence
    assert str(port) in found.sentence
    assert "hidden-word" not in found.line


def test_a_redis_without_tls_is_not_asked_for_it(own_redis: RedisServer) -> None:
    found = worst(broker_findings(own_redis.url.replace("redis://", "rediss://"), 1))
    assert found.level == Level.PROBLEM
    assert "TLS" in found.line


def test_a_redis_on_a_unix_socket_is_reached_as_celery_writes_it(tmp_path: Path) -> None:
    found = worst(broker_findings(f"redis+socket://{tmp_path}/none.sock?virtual_host=1"))
    assert "There is no socket" in found.sentence
    assert f"{tmp_path}/none.sock" in found.sentence


def test_something_that_is_no_rabbitmq_is_a_problem() -> None:
    with answering(b"220 mail.example ESMTP\r\n") as port:
        found = worst(broker_findings(f"amqp://guest:hidden-word@127.0.0.1:{port}//", 1))
    assert found.level == Level.PROBLEM
    assert "hidden-word" not in found.line
