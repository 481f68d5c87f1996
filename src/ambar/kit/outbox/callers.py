"""Who caused a change and knows what came of it, so that it need not be told again.

A program that changes records here and listens to their changes here hears of everything it did itself. Where the answer to its
request said all there is to say, its hook may ask to be spared: `config.caller` names a word, and changes that a request of the
same user made under that word (`X-Ambar-Caller`) are noted for that hook, not sent (decision 96).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

CALLER_HEADER = "X-Ambar-Caller"
_SENT_AS = "HTTP_" + CALLER_HEADER.upper().replace("-", "_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A program of a user, by the word it gives itself."""

    user_id: int
    word: str


def caller_of(request: Any) -> Caller | None:
    """The caller of an authenticated request, or `None` when it names none."""
    word = request.META.get(_SENT_AS, "")
    return Caller(user_id=request.principal.user_id, word=word) if word else None
