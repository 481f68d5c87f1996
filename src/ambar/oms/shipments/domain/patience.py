"""How often a carrier is asked again after a failure."""

from datetime import timedelta

TRIES = 8
FIRST = timedelta(seconds=5)
LONGEST = timedelta(minutes=15)


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after this many failed tries; None: give up."""
    return None if attempts >= TRIES else min(FIRST * 2 ** (attempts - 1), LONGEST)
