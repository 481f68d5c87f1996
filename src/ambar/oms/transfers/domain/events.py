"""Which events a transfer raises.

Akinon OMS: Webhooks, Transfer example; `docs/decisions/0030-transfers.md`: the specific event of a state when there is
one, and `transfer.status.transitioned` always.
"""

from __future__ import annotations

from ambar.oms.states.domain.codes import TransferStatus

KIND = "transfer"
CREATED = "transfer.status.created"
TRANSITIONED = "transfer.status.transitioned"

OF_STATE: dict[str, str] = {
    str(state): f"transfer.status.{state}"
    for state in (
        TransferStatus.READY_TO_SHIPMENT,
        TransferStatus.IN_TRANSIT,
        TransferStatus.TRANSFERRED,
        TransferStatus.CANCELLED,
    )
}

ALL = (CREATED, TRANSITIONED, *OF_STATE.values())


def on_change(to_state: str) -> tuple[str, ...]:
    """Types raised, in sequence, by a move to `to_state`."""
    specific = OF_STATE.get(to_state)
    return (*((specific,) if specific else ()), TRANSITIONED)
