"""What higher rooms tell this one at start: commands with the transitions they fit, and who sees which log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ambar.oms.states.domain.fits import CommandFit

_fits: dict[str, CommandFit] = {}
_visibilities: dict[str, Callable[[Any], Any]] = {}


def declare(fit: CommandFit) -> None:
    """Add a command's fit; a second, different one under the same code is a programming error."""
    known = _fits.get(fit.code)
    if known is not None and known != fit:
        raise ValueError(f"Command code {fit.code} is declared twice.")
    _fits[fit.code] = fit


def fit_of(code: str) -> CommandFit | None:
    """The declared fit of `code`, or None."""
    return _fits.get(code)


def fits(*, kind: str | None = None) -> list[CommandFit]:
    """All declared fits, in code order."""
    return [f for _, f in sorted(_fits.items()) if kind is None or f.kind == kind]


def show_logs(kind: str, ids_for: Callable[[Any], Any]) -> None:
    """`ids_for(principal)` gives a subquery of the ids of `kind` a location-bound caller may see."""
    _visibilities[kind] = ids_for


def visibilities() -> dict[str, Callable[[Any], Any]]:
    """Kind -> subquery of visible ids."""
    return dict(_visibilities)
