"""How long to wait before asking again."""

from datetime import datetime
from email.utils import parsedate_to_datetime

LONGEST_SECONDS = 60.0


def seconds(attempt: int, *, retry_after: str | None, now: datetime, spread: float = 0.0) -> float:
    """Seconds to wait after failed attempt number `attempt` (from 1).

    `Retry-After` (seconds or an HTTP date) goes first; without it 0.5 s, 1 s, 2 s, ... plus up to half of that by
    `spread` in [0, 1]. Never more than a minute.
    """
    asked = _asked(retry_after, now)
    if asked is not None:
        return min(max(asked, 0.0), LONGEST_SECONDS)
    plain = 0.5 * 2.0 ** (attempt - 1)
    return float(min(plain * (1 + spread / 2), LONGEST_SECONDS))


def _asked(retry_after: str | None, now: datetime) -> float | None:
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isdigit():
        return float(text)
    try:
        return (parsedate_to_datetime(text) - now).total_seconds()
    except (TypeError, ValueError):
        return None
