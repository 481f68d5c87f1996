"""Ask services for the invoices of packages, outside of any transaction, and keep what they answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ambar.oms.invoices import configured, queries, store
from ambar.oms.invoices.domain import asking
from ambar.oms.invoices.domain.answers import Answer
from ambar.oms.invoices.domain.asking import AT_ONCE, BILL, BUDGET_SECONDS, INVOICE, Service
from ambar.oms.invoices.gateways import invoice_service
from ambar.oms.invoices.gateways.invoice_service import InvoiceFailed
from ambar.oms.invoices.request_body import request_bodies
from ambar.oms.invoices.store import Claimed

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which questions a command asks: about packages in state `source`; `anew`: also about those with an invoice.

    `call` is the transition's `remote_invoice_call` with its secrets in clear, None when the invoice service is not asked;
    `bill`: whether the bill service is.
    """

    source: int
    command_code: str
    slug: str
    anew: bool
    bill: bool
    call: Mapping[str, Any] | None


def ask_invoices(package_ids: Sequence[int], wanted: Wanted, *, now: Callable[[], datetime]) -> None:
    """Ask for what is wanted of each package; afterwards every question is answered, or failed with its reason.

    Up to `AT_ONCE` questions are on their way together; none is begun after `BUDGET_SECONDS`. Nothing is locked
    meanwhile, and no package is changed: a command uses the answers later. The bill comes first, and a package without
    it is not asked for further. Source: "Akinon OMS: Package Command Parameters", `docs/decisions/0036-invoices.md`.
    """
    ids = set(package_ids) if wanted.anew else set(package_ids) - queries.with_invoice(package_ids)
    bodies = request_bodies(sorted(ids)) if ids else {}
    until = time.monotonic() + BUDGET_SECONDS
    if wanted.bill and ids:
        _ask_bills(ids, bodies, wanted, until, now)
        told = queries.told_bills(sorted(ids))
        bodies = {package_id: {**bodies[package_id], "bill": told[package_id]} for package_id in told}
    if wanted.call is not None and bodies:
        _ask(asking.service(INVOICE, wanted.call), bodies, wanted, until, now)


def _ask_bills(
    ids: set[int],
    bodies: Mapping[int, Mapping[str, Any]],
    wanted: Wanted,
    until: float,
    now: Callable[[], datetime],
) -> None:
    services = configured.bill_services()
    by_origin: dict[tuple[str, str], list[int]] = {}
    for package_id, origin in queries.origins(sorted(ids)).items():
        by_origin.setdefault(origin, []).append(package_id)
    for (source, channel), mine in sorted(by_origin.items()):
        found = asking.bill_service(services, source=source, channel=channel)
        if found is not None:
            _ask(asking.service(BILL, found), {i: bodies[i] for i in mine}, wanted, until, now)
            continue
        for claimed in _claim(asking.service(BILL, {}), mine, wanted, now):
            reason = f"no bill service is configured for orders of {source} through {channel}"
            store.keep_failure(claimed, reason, now=now())


def _claim(
    service: Service, ids: Sequence[int], wanted: Wanted, now: Callable[[], datetime]
) -> list[Claimed]:
    return store.claim(
        ids,
        service,
        source=wanted.source,
        command_code=wanted.command_code,
        slug=wanted.slug,
        anew=wanted.anew,
        now=now(),
    )


def _ask(
    service: Service,
    bodies: Mapping[int, Mapping[str, Any]],
    wanted: Wanted,
    until: float,
    now: Callable[[], datetime],
) -> None:
    claimed = _claim(service, list(bodies), wanted, now)
    if not service.url:
        for one in claimed:
            store.keep_answer(one, None, now=now())
        return

    def asked(one: Claimed) -> Answer:
        if time.monotonic() > until:
            raise InvoiceFailed("not asked: the time of this call was over")
        own = {"invoice_number": one.made_number} if one.made_number else {}
        body = {**bodies[one.package_id], **own, "command": wanted.command_code}
        return invoice_service.ask(service, key=str(one.key), body=body, number=one.made_number)

    if len(claimed) == 1:
        _keep(claimed[0], lambda: asked(claimed[0]), now)
    elif claimed:
        with ThreadPoolExecutor(min(AT_ONCE, len(claimed)), thread_name_prefix="invoices") as pool:
            asked_for = {pool.submit(asked, one): one for one in claimed}
            for done in as_completed(list(asked_for)):
                # A document that is kept is let go of at once.
                _keep(asked_for.pop(done), done.result, now)


def _keep(one: Claimed, answer: Callable[[], Answer], now: Callable[[], datetime]) -> None:
    """Write what became of a question as soon as it is known, so that a process that ends loses no answer."""
    try:
        told = answer()
    except InvoiceFailed as failure:
        store.keep_failure(one, failure.reason, now=now())
        return
    except Exception as error:
        log.exception("asking for the invoice of package %s", one.package_id)
        store.keep_failure(one, f"unexpected: {type(error).__name__}", now=now())
        return
    if not store.keep_answer(one, told, now=now()):
        log.warning(
            "invoice %s of package %s came after the question was settled", told.number, one.package_id
        )
