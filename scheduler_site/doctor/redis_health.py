"""Whether a Redis that answers keeps messages safe: pure judgements of what INFO tells."""

from collections.abc import Mapping
from typing import Any

from scheduler_site.doctor.findings import Finding, ok, problem, warning

SUBJECT = "broker"
OLDEST_MAINTAINED = (6, 2)
MEMORY_WARNING_SHARE = 0.75
MEMORY_PROBLEM_SHARE = 0.9
MEBIBYTE = 2**20

Facts = Mapping[str, Any]


def health_findings(facts: Facts, save_points: str | None) -> list[Finding]:
    """Return the judgements of an INFO answer; `save_points` is CONFIG's `save`, None unknown."""
    return [
        _version(facts),
        *_role(facts),
        _eviction(facts),
        _persistence(facts, save_points),
        *_disk(facts),
        _memory(facts),
    ]


def _version(facts: Facts) -> Finding:
    version = str(facts.get("redis_version", "0"))
    name = f"Valkey {facts['valkey_version']}" if "valkey_version" in facts else f"Redis {version}"
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers >= OLDEST_MAINTAINED:
        return ok(SUBJECT, f"{name} answers.")
    return warning(SUBJECT, f"{name} is no longer maintained.", "Upgrade to 7 or newer.")


def _role(facts: Facts) -> list[Finding]:
    if facts.get("role", "master") == "master":
        return []
    return [
        problem(
            SUBJECT,
            "It is a replica and takes no messages.",
            "Let the address name the primary server.",
        )
    ]


def _eviction(facts: Facts) -> Finding:
    policy = facts.get("maxmemory_policy", "unknown")
    if policy == "noeviction":
        return ok(SUBJECT, "It never throws messages away (noeviction).")
    return warning(
        SUBJECT,
        f"Its maxmemory-policy is {policy}: when memory runs short it throws messages away.",
        "Set maxmemory-policy noeviction; caches belong into another Redis.",
    )


def _persistence(facts: Facts, save_points: str | None) -> Finding:
    if facts.get("aof_enabled"):
        return ok(SUBJECT, "It writes every message to disk (append-only file).")
    if save_points is None:
        return warning(
            SUBJECT,
            "It keeps no append-only file; whether it makes snapshots it does not tell.",
            "Ask your provider for append-only persistence.",
        )
    advice = "Set appendonly yes, by CONFIG SET first and then in its configuration."
    if save_points:
        return warning(
            SUBJECT,
            "It only makes snapshots: a crash loses the messages of the last minutes.",
            advice,
        )
    return problem(SUBJECT, "It writes nothing to disk: a restart loses what is queued.", advice)


def _disk(facts: Facts) -> list[Finding]:
    """Return problems of the last write to disk; MISCONF follows when they are not mended."""
    failed = [
        name
        for name in ("rdb_last_bgsave_status", "aof_last_write_status", "aof_last_bgrewrite_status")
        if facts.get(name, "ok") != "ok"
    ]
    if not failed:
        return []
    return [
        problem(
            SUBJECT,
            f"It could not write to disk ({', '.join(failed)}).",
            "Look into its log: mostly its disk is full or its folder is not writable.",
        )
    ]


def _memory(facts: Facts) -> Finding:
    used, limit = int(facts.get("used_memory", 0)), int(facts.get("maxmemory", 0))
    whole = limit or int(facts.get("total_system_memory", 0))
    named = f"its limit of {limit // MEBIBYTE} MiB" if limit else "this machine's memory"
    share = used / whole if whole else 0.0
    sentence = f"It uses {used // MEBIBYTE} MiB, {share:.0%} of {named}."
    advice = "Raise maxmemory, or find out why queues grow: no worker, or one task that floods."
    if share >= MEMORY_PROBLEM_SHARE:
        return problem(SUBJECT, sentence, advice)
    if share >= MEMORY_WARNING_SHARE:
        return warning(SUBJECT, sentence, advice)
    return ok(SUBJECT, sentence)
