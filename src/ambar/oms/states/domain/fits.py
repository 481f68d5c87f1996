"""Which transitions a command makes sense for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ambar.kit.refusals import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandFit:
    """A command code and the (source, destination) pairs it declares, as enum values.

    `calls` are the transition parameters by which it asks services outside.
    """

    code: str
    kind: str
    title: str
    pairs: frozenset[tuple[str, str]]
    calls: frozenset[str] = frozenset()

    def covers(self, source: str, destination: str) -> bool:
        """Whether a transition from `source` to `destination` may carry this command."""
        return (source, destination) in self.pairs


def pairs(sources: Iterable[object], destinations: Iterable[object]) -> frozenset[tuple[str, str]]:
    """Every source with every destination, as enum value strings; a state never leads to itself."""
    ends = [_value(d) for d in destinations]
    return frozenset((_value(s), d) for s in sources for d in ends if _value(s) != d)


def same_state_pairs(states: Iterable[object]) -> frozenset[tuple[str, str]]:
    """Pairs of commands that leave the state as it is."""
    return frozenset((_value(s), _value(s)) for s in states)


def _value(state: object) -> str:
    return str(int(state)) if isinstance(state, int) else str(state)


def require_fit(fit: CommandFit | None, *, code: str, source: str, destination: str) -> CommandFit:
    """The fit itself, or `Invalid` naming the field that does not suit the command."""
    if fit is None:
        raise Invalid(fields={"command_code": [f"Unknown command code '{code}'."]})
    if fit.covers(source, destination):
        return fit
    allowed = ", ".join(f"{a}->{b}" for a, b in sorted(fit.pairs)[:40])
    if not any(a == source for a, _ in fit.pairs):
        raise Invalid(fields={"source_state": [f"{code} does not start from {source}. Allowed: {allowed}."]})
    raise Invalid(
        fields={
            "destination_state": [f"{code} does not lead from {source} to {destination}. Allowed: {allowed}."]
        }
    )
