"""What commands ask of services outside before anything is locked, and what became of it.

The transition's parameters say what is asked (`docs/decisions/0036-invoices.md`). Answers are kept with the package until
a command uses them, so a command that runs inside of somebody else's transaction finds those that were asked ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from ambar.kit import rest
from ambar.kit.refusals import Conflict
from ambar.oms.commands.batch import Batch, CommandBatch
from ambar.oms.invoices import queries, store
from ambar.oms.invoices.actions.ask_invoices import Wanted, ask_invoices
from ambar.oms.invoices.domain.asking import BILL, INVOICE
from ambar.oms.invoices.store import OpenCall
from ambar.oms.states.domain import parameters as named
from ambar.oms.states.queries import Transition

_PACKING = frozenset(
    {
        "CompletePackingCommand",
        "CompletePackagingWithoutShipmentCommand",
        "ChannelBasedCompletePackingCommand",
    }
)
UPDATE_INVOICE = "UpdateInvoiceOfThePackageCommand"
OBEYED_BY: Mapping[str, frozenset[str]] = {
    named.BILL: _PACKING,
    named.INVOICE: _PACKING | {"SHIPMENT_ORDER", "ShipThePackageAdvancedCommand", UPDATE_INVOICE},
}
"""Commands by the parameter that makes them ask; in any other transition the parameter is refused."""


class InvoiceFailed(Conflict):
    """The package has no invoice, so it stays as it is."""

    code = "invoice_failed"


def calls_of(command_code: str) -> frozenset[str]:
    """The parameters by which this command asks services outside."""
    return frozenset(name for name, codes in OBEYED_BY.items() if command_code in codes)


def purposes(transition: Transition) -> tuple[str, ...]:
    """What this transition asks for, in the order of asking."""
    obeyed = {name for name in calls_of(transition.command_code) if transition.parameters.get(name)}
    return tuple(
        purpose for name, purpose in ((named.BILL, BILL), (named.INVOICE, INVOICE)) if name in obeyed
    )


def brings_its_own(parameters: rest.Body) -> bool:
    """Whether the request carries the invoice itself, so that nobody is asked for one."""
    return getattr(parameters, "invoice_number", None) is not None


def ask(transition: Transition, package_ids: Collection[int], *, now: Callable[[], datetime]) -> None:
    """Ask for what the transition wants of these packages; no transaction may be open."""
    wanted = purposes(transition)
    ask_invoices(
        sorted(package_ids),
        Wanted(
            source=int(transition.source),
            command_code=transition.command_code,
            slug=transition.slug,
            anew=transition.command_code == UPDATE_INVOICE,
            bill=BILL in wanted,
            call=transition.parameters[named.INVOICE] if INVOICE in wanted else None,
        ),
        now=now,
    )


class KeptAnswers:
    """The answers about the packages of one batch: `take` finds them, `use` makes invoices of them."""

    def __init__(self, transition: Transition) -> None:
        self._wanted = purposes(transition)
        self._anew = transition.command_code == UPDATE_INVOICE
        self._calls: list[OpenCall] = []

    def take(self, batch: CommandBatch[Any]) -> None:
        """Refuse the packages that were not answered for; their reason is kept with the question."""
        asked = [one.id for one in batch.standing if not brings_its_own(batch.parameters[one.id])]
        if not self._wanted or not asked:
            return
        found = {(call.package_id, call.purpose): call for call in store.lock_open_calls(asked)}
        settled = set() if self._anew else queries.with_invoice(asked)
        for package_id in asked:
            if package_id in settled:
                continue
            mine = [found.get((package_id, purpose)) for purpose in self._wanted]
            there = [call for call in mine if call is not None and call.state == "answered"]
            if len(there) == len(mine):
                self._calls.extend(there)
            else:
                batch.refuse(package_id, _refusal(next(call for call in mine if call not in there)))

    def use(self, batch: Batch) -> None:
        """Give the standing packages their invoices, in the batch's transaction."""
        standing = {package.id for package in batch.standing}
        calls = [call for call in self._calls if call.package_id in standing]
        self._calls = []
        store.use_answers(calls, user_id=batch.user_id, now=batch.now)


def _refusal(call: OpenCall | None) -> InvoiceFailed:
    if call is not None and call.state == "failed":
        return InvoiceFailed(f"The invoice could not be had: {call.failure}.", reason=call.failure)
    if call is not None and call.state == "asking":
        return InvoiceFailed("The invoice is being asked for by another call. Try again in a moment.")
    return InvoiceFailed("The invoice was not asked for. Try again.")
