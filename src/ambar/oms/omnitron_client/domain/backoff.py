"""How long to wait before asking again."""

from datetime import datetime
from email.utils import parsedate_to_datetime

from ambar.kit.text import is_digits

LONGEST_SECONDS = 60.0
"""A call waits no longer than this by itself; whoever made it is told how long upstream asked for."""
MOST_SECONDS = 3600.0


def seconds(attempt: int, *, asked: float | None, spread: float = 0.0) -> float:
    """Seconds to wait after failed attempt number `attempt` (from 1).

    What upstream `asked` for goes first; without it 0.5 s, 1 s, 2 s, ... up to a minute, plus up to half of that by `spread`
    in [0, 1].
    """
    if asked is not None:
        return asked
    plain = 0.5 * 2.0 ** (attempt - 1)
    return float(min(plain * (1 + spread / 2), LONGEST_SECONDS))


def asked_for(retry_after: str | None, now: datetime) -> float | None:
    """Seconds that a `Retry-After` header asks for (a number, or an HTTP date), up to an hour; None when it says nothing."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if is_digits(text):
        wanted = float(text[:12])
    else:
        try:
            wanted = (parsedate_to_datetime(text) - now).total_seconds()
        except (TypeError, ValueError):
            return None
    return min(max(wanted, 0.0), MOST_SECONDS)
