"""Do what the authority table decided, for a batch of conflicts of one kind: each remedy on its set, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.kit import clock
from ambar.kit.outbox.actions.retry_delivery import retry_delivery
from ambar.oms.handover import mending, own_word, queries, store
from ambar.oms.handover.actions.look import decide_anew
from ambar.oms.handover.actions.restore_packages import remember_states, restore_packages, settle_planning
from ambar.oms.handover.domain import authority, statuses
from ambar.oms.handover.gateways.seller_center import SellerCenter, Unknowable
from ambar.oms.handover.models import Conflict
from ambar.oms.orders import store as orders
from ambar.oms.upstream import configured
from ambar.oms.upstream.actions.take_orders import take_orders
from ambar.oms.upstream.domain import verdicts

Refused = dict[str, str]


def repair(conflicts: Sequence[Conflict], center: SellerCenter, *, now: datetime) -> None:
    """Repair what is open; each conflict is applied (to be confirmed) or refused with its reason."""
    acts = {
        authority.TELL: _tell,
        authority.RESTORE: _restore,
        authority.REMEMBER: _remember,
        authority.NOTE: _note,
        authority.REREAD: _read_again,
        authority.GIVE_BACK: _give_back,
        authority.PUT_RIGHT: _put_right,
        authority.REPORT: _report,
    }
    for remedy, act in acts.items():
        batch = [one for one in conflicts if one.remedy == remedy]
        if batch:
            act(batch, center, now)


def _settle(batch: Sequence[Conflict], refused: Mapping[str, str]) -> None:
    for one in batch:
        one.state = Conflict.REFUSED if one.key in refused else Conflict.APPLIED
        one.reason = refused.get(one.key, "")
    store.keep_settled(batch)


def _theirs(one: Conflict, name: str) -> Any:
    for field in one.fields:
        if field["field"] == name:
            return field["theirs"]
    return None


def _tell(batch: Sequence[Conflict], center: SellerCenter, now: datetime) -> None:
    """Parked lanes go on from where they stopped; everything else is told as a new event, to the Seller Center's hooks only. Rows that
    nothing sound can have made are told to nobody.
    """
    hooks = queries.partner_hooks(center.base_url)
    every = [pk for ids in hooks.values() for pk in ids]
    here = queries.packages_here([one.key for one in batch], every)
    parked = [here[one.key].id for one in batch if one.key in here and here[one.key].parked]
    reached = {
        here[one.key].id: int(_theirs(one, "sequence") or 0)
        for one in batch
        if one.key in here and here[one.key].id not in parked
    }
    with transaction.atomic():
        for delivery_id in store.parked_lanes(parked, every):
            retry_delivery(delivery_id, force=True)
        why = {
            pk: f"{units} units of {sku} stand in packages, {ordered} were ordered; a person has to look."
            for pk, (sku, ordered, units) in queries.overfull(list(reached)).items()
        }
        sound = {pk: sequence for pk, sequence in reached.items() if pk not in why}
        why |= {
            pk: f"No active hook tells the Seller Center of {type_}; run the doctor."
            for pk, type_ in store.tell_again(sound, hooks, now=now).items()
        }
        refused = {
            one.key: why[here[one.key].id] for one in batch if one.key in here and here[one.key].id in why
        }
        _settle(batch, refused)


def _details(batch: Sequence[Conflict], center: SellerCenter) -> list[dict[str, Any]]:
    return [one for one in center.details(numbers=[one.key for one in batch]) if "sequence" in one]


def _restore(batch: Sequence[Conflict], center: SellerCenter, now: datetime) -> None:
    """Put packages back; where their order is not here either, refused by a rule it may be, it comes back with them."""
    source, details = configured.order_source(), _details(batch, center)
    ids = {detail["order"] for detail in details if detail.get("order")}
    lost = sorted(ids - queries.own_ids(source, sorted(ids)).keys())
    records, known = _offered(lost, center), center.details(order_ids=lost)
    with transaction.atomic():
        found, _ = _take(records, known, source=source, now=now)
        why = _not_taken(found)
        orders_of = {str(detail["number"]): str(detail.get("order")) for detail in details}
        refused = {
            number: f"Its order is not here. {why[orders_of[number]]}" if orders_of[number] in why else reason
            for number, reason in restore_packages(details, source=source, now=now).items()
        }
        _settle(batch, refused)


def _remember(batch: Sequence[Conflict], center: SellerCenter, now: datetime) -> None:
    ids = {one.key: one.record_id for one in batch if one.record_id is not None}
    details = [one for one in _details(batch, center) if one["number"] in ids]
    with transaction.atomic():
        _settle(batch, remember_states(details, ids, now=now))


def _note(batch: Sequence[Conflict], center: SellerCenter, now: datetime) -> None:
    ids = {one.key: one.record_id for one in batch if one.record_id is not None}
    rows = [
        (ids[one["number"]], one["state"], one["sequence"])
        for one in _details(batch, center)
        if one["number"] in ids
    ]
    with transaction.atomic():
        store.note_told(rows)
        _settle(batch, {})


def _put_right(batch: Sequence[Conflict], center: SellerCenter, now: datetime) -> None:
    """Put slipped packages back into the state they were moved to last, and rewritten ones back as they were told; where their own
    records don't agree, a person has to look. What stands wrong at the Seller Center as well is open again, to be told.
    """
    slipped = [one.key for one in batch if one.case == authority.SLIPPED]
    rewritten = [one.key for one in batch if one.case == authority.REWRITTEN]
    with transaction.atomic():
        refused = own_word.put_back(rewritten, now=now) if rewritten else {}
        store.put_states_right(slipped, now=now)
        left = queries.slipped(slipped)
        refused |= dict.fromkeys(left, "Its log and its lines tell different states; a person has to look.")
        _settle(batch, refused)
    right = [one for one in batch if one.state == Conflict.APPLIED]
    if right:
        decide_anew(right, center)


def _report(batch: Sequence[Conflict], center: SellerCenter, now: datetime) -> None:
    """Have the statuses the Seller Center is behind with reported once more."""
    with transaction.atomic():
        store.report_again(configured.order_source(), [int(one.key) for one in batch], now=now)
        _settle(batch, {})


def _offered(ids: Sequence[int], center: SellerCenter) -> list[dict[str, Any]]:
    return [record for record in center.orders(ids) if isinstance(record, dict)]


def _read_again(batch: Sequence[Conflict], center: SellerCenter, now: datetime) -> None:
    """Take the orders as they stand there, with the packages known there of those that are new here, in one transaction:
    the planner never sees an order without the packages it had. A row that was damaged under the same version is put right first.
    """
    source, ids = configured.order_source(), [int(one.key) for one in batch]
    records = _offered(ids, center)
    older = [int(one.key) for one in batch if one.case == authority.BOTH]
    behind = [int(one.key) for one in batch if one.case == authority.SAME_VERSION and _lags(one)]
    same = {int(one.key) for one in batch if one.case == authority.SAME_VERSION}
    here = queries.own_ids(source, ids)
    details = center.details(order_ids=[pk for pk in ids if pk not in here])
    with transaction.atomic():
        store.forget_versions(source, older)
        mended = mending.put_lines_right(
            [record for record in records if record.get("pk") in same],
            source=source,
            configured=configured.current(),
            now=now,
        )
        readable = [record for record in records if record.get("pk") not in mended.refused]
        # A person looked at what differs and had it repaired: so also an order of which the number here is wrong.
        found, refused = _take(readable, details, source=source, now=now, renames=True)
        orders.request_planning(mended.grown, now)
        store.report_again(source, older + behind, now=now)
        damaged = {str(pk): reason for pk, reason in mended.refused.items()}
        _settle(batch, _unread(batch, records, found, details, refused) | damaged)


def _lags(one: Conflict) -> bool:
    return statuses.lags({field["field"]: (field["ours"], field["theirs"]) for field in one.fields})


def _take(
    records: Sequence[dict[str, Any]],
    details: Sequence[Mapping[str, Any]],
    *,
    source: str,
    now: datetime,
    renames: bool = False,
) -> tuple[list[verdicts.Verdict], Refused]:
    """Take orders, and put back the packages (`details`) known there of those that are new here; number → why one could not be.

    An order that has packages there was taken here before, for nobody else makes them: like one that is here it is followed to its
    end, whatever the filters say of it now. In the caller's transaction.
    """
    had, settings = {detail.get("order") for detail in details}, configured.current()
    found: list[verdicts.Verdict] = []
    for some, rules in (
        ([one for one in records if one.get("pk") in had], replace(settings, filters=())),
        ([one for one in records if one.get("pk") not in had], settings),
    ):
        found += take_orders(some, source=source, configured=rules, now=now, renames=renames)
    created = {one.upstream_id: one.order_id for one in found if one.outcome == verdicts.CREATED}
    known = [detail for detail in details if created.get(detail.get("order"))]
    refused = restore_packages(known, source=source, now=now)
    back = {created[detail["order"]] for detail in known}
    settle_planning(sorted(pk for pk in back if pk is not None), now=now)
    return found, refused


def _not_taken(found: Sequence[verdicts.Verdict]) -> Refused:
    """Upstream id → why it was not taken."""
    reasons: Refused = {}
    for one in found:
        if one.outcome == verdicts.QUARANTINED:
            reasons[str(one.upstream_id)] = f"In quarantine: {one.reason}"
        elif one.outcome == verdicts.FILTERED:
            reasons[str(one.upstream_id)] = f"Not taken by the rule: {one.rule}"
    return reasons


def _unread(
    batch: Sequence[Conflict],
    records: Sequence[Any],
    found: Sequence[verdicts.Verdict],
    details: Sequence[Mapping[str, Any]],
    refused: Mapping[str, str],
) -> Refused:
    answered = {str(record.get("pk")) for record in records}
    reasons = {
        one.key: "The Seller Center does not list it any more." for one in batch if one.key not in answered
    }
    reasons |= _not_taken(found)
    by_number = {detail["number"]: detail.get("order") for detail in details}
    reasons |= {
        str(by_number[number]): f"Package {number}: {reason}"
        for number, reason in refused.items()
        if by_number.get(number)
    }
    return reasons


def _give_back(batch: Sequence[Conflict], center: SellerCenter, now: datetime) -> None:
    """Hand the orders back as they were offered; where the Seller Center does not take any, a person has to ask its owner.

    What was told of one after it was offered last, and was never read again (decision 105), is told again.
    """
    source = configured.order_source()
    kept = store.offered(source, [int(one.key) for one in batch])
    documents = {pk: record for pk, record in kept.items() if record.get("pk") == pk}
    try:
        answers = center.give_back(list(documents.values())) if documents else []
    except Unknowable:
        answers = []
    taken = {str(one.get("id")) for one in answers if one.get("outcome") in ("restored", "present")}
    restored = {
        pk: clock.parse(documents[pk]["modified_date"])
        for one in answers
        if one.get("outcome") == "restored" and (pk := one.get("id")) in documents
    }
    reasons = {
        one.key: "The record it was offered as is not kept here." for one in batch if int(one.key) not in kept
    }
    reasons |= {
        str(pk): f"The record kept of it is that of order {record.get('pk')}."
        for pk, record in kept.items()
        if pk not in documents
    }
    reasons |= {str(one.get("id")): str(one.get("reason") or "") for one in answers}
    refused = {
        one.key: reasons.get(one.key)
        or "The Seller Center takes no orders back; ask its owner to read it from the hub again."
        for one in batch
        if one.key not in taken
    }
    with transaction.atomic():
        store.report_again(source, store.stands_as_offered(source, restored), now=now)
        _settle(batch, refused)
