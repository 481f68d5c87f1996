"""What a state looks like: a tone, a shape and a word, the same on every screen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

SHAPES: Mapping[str, str] = {
    "ring": '<circle cx="5" cy="5" r="4"/>',
    "dots": '<circle cx="5" cy="5" r="4" stroke-dasharray="2 2.2"/>',
    "half": '<circle cx="5" cy="5" r="4"/><path d="M5 1a4 4 0 0 1 0 8z" fill="currentColor" stroke="none"/>',
    "disc": '<circle cx="5" cy="5" r="4" fill="currentColor"/>',
    "box": '<rect x="1" y="1" width="8" height="8" rx="1"/><path d="M1 4h8"/>',
    "square": '<rect x="1.5" y="1.5" width="7" height="7" fill="currentColor"/>',
    "arrow": '<path d="M1 5h8M5.6 1.6 9 5 5.6 8.4"/>',
    "check": '<path d="M1 5.4 4 8.4 9 2"/>',
    "cross": '<path d="M1.6 1.6 8.4 8.4M8.4 1.6 1.6 8.4"/>',
    "triangle": '<path d="M5 1.2 9.2 8.8H.8z"/>',
    "diamond": '<path d="M5 .6 9.4 5 5 9.4 .6 5z"/>',
    "stop": '<path d="M3.3.8h3.4l2.5 2.5v3.4L6.7 9.2H3.3L.8 6.7V3.3z"/><path d="M3 5h4"/>',
    "back": '<path d="M9 5H1M4.4 1.6 1 5l3.4 3.4"/>',
    "pin": '<path d="M5 9.4C2.6 6.6 1.6 5.2 1.6 3.8a3.4 3.4 0 0 1 6.8 0C8.4 5.2 7.4 6.6 5 9.4z"/>',
}

TONES = ("neutral", "info", "progress", "good", "warn", "bad")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A state as people see it. `word` may be lazy (translated when drawn)."""

    tone: str
    shape: str
    word: Any

    def __str__(self) -> str:
        return str(self.word)


def draw(look: Look) -> SafeString:
    """The state component: colour, shape and word."""
    shape = mark_safe(SHAPES.get(look.shape, SHAPES["ring"]))  # noqa: S308 - our own constant
    return format_html(
        '<span class="state tone-{}"><svg viewBox="0 0 10 10" aria-hidden="true">{}</svg>{}</span>',
        look.tone,
        shape,
        look.word,
    )
