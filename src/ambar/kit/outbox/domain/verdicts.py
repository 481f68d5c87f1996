"""What an answer of the other side means for a delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

from ambar.kit.text import is_digits

LONGEST_RETRY_AFTER_SECONDS = 24 * 3600


class Verdict(Enum):
    """DELIVERED: 2xx. GONE: 410, the hook is switched off. RETRY: everything else, redirects included."""

    DELIVERED = "delivered"
    RETRY = "retry"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One try: the HTTP status (0 = none came), the kind of failure, the kept body, its duration.

    `error` is one of `timeout`, `dns`, `tls`, `refused_address`, `connection`, or empty.
    """

    status: int
    error: str = ""
    body: str = ""
    took_ms: int = 0
    retry_after: float | None = None

    @property
    def verdict(self) -> Verdict:
        if 200 <= self.status < 300:
            return Verdict.DELIVERED
        return Verdict.GONE if self.status == 410 else Verdict.RETRY

    @property
    def endpoint_is_ill(self) -> bool:
        """True when the failure speaks against the endpoint, not against this one message."""
        return self.status in (0, 429) or self.status >= 500


def retry_after_seconds(header: str | None, *, now: datetime) -> float | None:
    """Reads `Retry-After` (seconds or an HTTP date); None when absent or unreadable; at most a day."""
    if not header:
        return None
    text = header.strip()
    if is_digits(text) and len(text) < 10:
        return float(min(int(text), LONGEST_RETRY_AFTER_SECONDS))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), float(LONGEST_RETRY_AFTER_SECONDS))
