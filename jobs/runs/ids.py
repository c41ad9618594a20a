"""Ids of runs: UUIDs of version 7 (RFC 9562), so that rows and indexes grow at their end."""

import os
from datetime import UTC, datetime, timedelta
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ONE_MILLISECOND = timedelta(milliseconds=1)
VERSION_7 = 7 << 76
RFC_VARIANT = 0b10 << 62
RANDOM_BYTES = 10


def new_run_id(now: datetime) -> UUID:
    """Return an id that sorts after those of earlier milliseconds."""
    return new_run_ids(now, 1)[0]


def new_run_ids(now: datetime, count: int) -> list[UUID]:
    """Return `count` ids in increasing order; those of one millisecond differ by 74 random bits.

    uuid.uuid7 of Python 3.14 does the same for one id at a time, and reads the clock itself.
    """
    frame = ((now - EPOCH) // ONE_MILLISECOND) << 80 | VERSION_7 | RFC_VARIANT
    noise = os.urandom(RANDOM_BYTES * count)
    randoms = (
        int.from_bytes(noise[start : start + RANDOM_BYTES])
        for start in range(0, len(noise), RANDOM_BYTES)
    )
    return [UUID(int=number) for number in sorted(frame | _spread(random) for random in randoms)]


def _spread(random: int) -> int:
    """Return 74 bits of `random` in the places that the version and the variant leave free."""
    return (random >> 62 & 0xFFF) << 64 | random & 0x3FFF_FFFF_FFFF_FFFF
