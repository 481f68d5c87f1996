"""What came of an act of mending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["done", "already", "needs", "failed", "started"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a person gave the doctor to mend with, and on whose behalf it acts (`user_id` owns hooks that are made)."""

    user_id: int
    values: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """The value, or an empty text."""
        return self.values.get(name, "")

    def lacks(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Those of `names` that were not given."""
        return tuple(name for name in names if not self.get(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """`en` and `tr` say what was done, or why it was not; with `needs` the outcome is "needs".

    started: it goes on in the background, as Basic Setup's step `waits_for`.
    """

    outcome: Outcome
    en: str
    tr: str
    needs: tuple[str, ...] = ()
    waits_for: str = ""


def done(en: str, tr: str) -> Mended:
    """It is mended, as far as this act goes."""
    return Mended(outcome="done", en=en, tr=tr)


def already(en: str, tr: str) -> Mended:
    """There was nothing left to do."""
    return Mended(outcome="already", en=en, tr=tr)


def failed(en: str, tr: str) -> Mended:
    """It can't be done from here, or was refused; the text says why."""
    return Mended(outcome="failed", en=en, tr=tr)


def needs(*names: str) -> Mended:
    """A person must give these first."""
    listed = ", ".join(names)
    return Mended(outcome="needs", en=f"needs {listed}", tr=f"gerekli: {listed}", needs=names)
