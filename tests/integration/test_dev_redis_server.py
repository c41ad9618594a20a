"""The Redis that `make run` and the tests start, and the check of one that a person named."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from scheduler_site.development import redis_server as module
from scheduler_site.development.broker import require_answer
from scheduler_site.development.errors import DevelopmentError
from scheduler_site.development.ports import free_port
from scheduler_site.development.redis_server import RedisServer, RedisServerError, find_executable
from tests.waiting import wait_until


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path / "redis", find_executable()) as running:
        yield running


def client(server: RedisServer) -> redis.Redis:
    return redis.Redis.from_url(server.url, decode_responses=True)


def test_a_stopped_server_keeps_its_port_and_its_data(server: RedisServer) -> None:
    url = server.url
    with client(server) as connection:
        connection.set("kept", "yes")
    server.stop()
    assert not server.is_running()
    server.start()
    assert server.url == url
    with client(server) as connection:
        assert connection.get("kept") == "yes"


def test_a_killed_server_comes_back_on_its_port(server: RedisServer) -> None:
    port, pid = server.port, server.pid
    server.kill()
    server.start()
    assert (server.port, server.pid != pid) == (port, True)
    require_answer(server.url)


def test_it_loses_no_message_to_eviction_or_a_restart(server: RedisServer) -> None:
    with client(server) as connection:
        assert connection.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert connection.config_get("appendonly") == {"appendonly": "yes"}
        assert connection.config_get("bind") == {"bind": "127.0.0.1"}


def test_a_port_that_was_taken_in_between_is_exchanged_for_another(
    tmp_path: Path, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = iter([server.port, free_port()])
    monkeypatch.setattr(module, "free_port", lambda: next(ports))
    with RedisServer(tmp_path / "other", find_executable()) as other:
        assert other.port != server.port
        require_answer(other.url)


def test_a_given_port_in_use_ends_with_the_reason_from_the_log(
    tmp_path: Path, server: RedisServer
) -> None:
    other = RedisServer(tmp_path / "other", find_executable(), port=server.port)
    with pytest.raises(RedisServerError, match=r"ended while it started.*Address already in use"):
        other.start()
    assert not other.is_running()


def test_a_server_that_cannot_be_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(RedisServerError, match="/nowhere/redis-server cannot be started"):
        RedisServer(tmp_path, Path("/nowhere/redis-server")).start()


def test_a_server_on_the_path_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "valkey-server"
    own.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_executable() == own
    redis_one = tmp_path / "redis-server"
    redis_one.touch(mode=0o755)
    assert find_executable() == redis_one


def test_without_one_on_the_path_the_installed_package_brings_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert find_executable().is_file()


def test_a_redis_that_wants_a_password_is_named_without_it(server: RedisServer) -> None:
    with client(server) as connection:
        connection.config_set("requirepass", "secret")
    with pytest.raises(DevelopmentError, match=r"answers with an error: .*[Aa]uthentication"):
        require_answer(server.url)
    with pytest.raises(DevelopmentError) as refused:
        require_answer(server.url.replace("//", "//:wrong@"))
    assert "answers with an error" in str(refused.value)
    assert "wrong@" not in str(refused.value)
    require_answer(server.url.replace("//", "//:secret@"))


def test_a_redis_that_cannot_write_is_refused_with_its_own_words(server: RedisServer) -> None:
    # A folder under the name of the dump makes every save fail.
    (server.directory / "dump.rdb").mkdir()
    with client(server) as connection:
        connection.config_set("save", "3600 1")
        connection.bgsave()
        wait_until(
            lambda: connection.info("persistence")["rdb_last_bgsave_status"] == "err",
            "the failure of the save",
        )
        with pytest.raises(DevelopmentError, match=r"answers with an error: .*persist"):
            require_answer(server.url)
        connection.config_set("save", "")  # or it would refuse to end


def test_a_redis_that_is_not_there_is_said_so() -> None:
    with pytest.raises(DevelopmentError, match=r"cannot be used: .*unset REDIS_URL"):
        require_answer(f"redis://127.0.0.1:{free_port()}/0")
