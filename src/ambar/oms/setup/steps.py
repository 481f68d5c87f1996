"""The steps of Basic Setup, as data: name -> how to tell whether it is needed, and how to run it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ambar.oms.omnitron_client.gateways.client import Client

Progress = Callable[[int, int | None], None]
"""`progress(done_more, total)`: rows done since the last call, and how many there are if known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """Whether a step has something to do, with the figures that say so."""

    is_required: bool
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step. `path` is where its three services lie below `/api/v1/oms/`."""

    name: str
    path: str
    is_required: Callable[[Client], Needed]
    run: Callable[[Client, Progress], dict[str, Any]]


def steps() -> dict[str, Step]:
    """All steps in the order they build upon one another."""
    from ambar.oms.setup.actions import addresses, channels, products, stock_locations, stocks, webhooks

    listed = (addresses.STEP, channels.STEP, stock_locations.STEP, products.STEP, stocks.STEP, webhooks.STEP)
    return {step.name: step for step in listed}
