"""Where records begin, where they may end, and the moves nobody has to ask for.

What a state transition row says is only half of a record's life: the planner makes and replaces packages, the last
transfer releases one, the carrier reports, the upstream system cancels. Source: Akinon OMS: packages, life cycle;
`docs/decisions/0034-transitions-drawn-and-checked.md`.
"""

from __future__ import annotations

from dataclasses import dataclass

from ambar.oms.states.domain.codes import PackageStatus as P
from ambar.oms.states.domain.codes import TransferStatus as T


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMove:
    """A move that happens by itself; `names` in English and Turkish, both ends as enum values."""

    source: str
    destination: str
    names: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """The life of one kind of record, states as enum values.

    `born`: states it may be made in. `final`: states in which nothing more is expected of anybody.
    """

    born: frozenset[str]
    final: frozenset[str]
    own_moves: tuple[OwnMove, ...]


def _moves(names: tuple[str, str], *pairs: tuple[object, object]) -> tuple[OwnMove, ...]:
    return tuple(OwnMove(source=_value(a), destination=_value(b), names=names) for a, b in pairs)


def _value(state: object) -> str:
    return str(int(state)) if isinstance(state, int) else str(state)


def _values(*states: object) -> frozenset[str]:
    return frozenset(map(_value, states))


_BEFORE_PACKING = (
    P.WAITING,
    P.WAITING_REMOTE_ACTION,
    P.PREPARING,
    P.WAITING_FOR_TRANSFER,
    P.READY_FOR_PACKAGING,
    P.NEEDS_RESCHEDULING,
    P.OUT_OF_STOCK,
    P.BLOCKED,
)
_PLANNED = ("Planned again", "Yeniden planlandı")
_CARRIER = ("Carrier's report", "Kargo bildirimi")
_UPSTREAM = ("Cancelled upstream", "Kaynak sistemde iptal")

LIVES: dict[str, Life] = {
    "package": Life(
        born=_values(P.WAITING, P.WAITING_REMOTE_ACTION, P.WAITING_FOR_TRANSFER, P.OUT_OF_STOCK),
        final=_values(P.DELIVERED, P.RETURNED, P.CANCELLED, P.PACKED_FOR_REFUND),
        own_moves=(
            *_moves(
                ("Last transfer arrived", "Son transfer ulaştı"),
                (P.WAITING_FOR_TRANSFER, P.WAITING),
            ),
            *_moves(_PLANNED, (P.NEEDS_RESCHEDULING, P.CANCELLED), (P.OUT_OF_STOCK, P.CANCELLED)),
            *_moves(
                _CARRIER,
                (P.SHIPPED, P.ATTEMPTED_DELIVERY),
                (P.SHIPPED, P.DELIVERY_FAILED),
                (P.SHIPPED, P.DELIVERED),
                (P.ATTEMPTED_DELIVERY, P.DELIVERY_FAILED),
                (P.ATTEMPTED_DELIVERY, P.DELIVERED),
                (P.DELIVERY_FAILED, P.RETURNED),
            ),
            *_moves(_UPSTREAM, *((state, P.CANCELLED) for state in _BEFORE_PACKING)),
            *_moves(_UPSTREAM, (P.PACKED, P.CANCELLATION_WAITING)),
        ),
    ),
    "transfer": Life(
        born=_values(T.WAITING),
        final=_values(T.TRANSFERRED, T.CANCELLED, T.OUT_OF_STOCK),
        own_moves=_moves(
            ("Its package ended", "Paketi sona erdi"),
            (T.WAITING, T.CANCELLED),
            (T.READY_TO_SHIPMENT, T.CANCELLED),
        ),
    ),
}
