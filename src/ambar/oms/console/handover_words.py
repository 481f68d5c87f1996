"""What the hand-over says, listed so that screens can say it in Turkish: cases, remedies, reasons."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, pgettext_lazy

from ambar.kit.ui.looks import Look
from ambar.oms.console import looks
from ambar.oms.handover.domain.authority import TABLE

SENTENCES = (
    gettext_noop("This reconciliation is over, or not ready for that."),
    gettext_noop("This day has not begun."),
    gettext_noop("The other side does not have it yet."),
    gettext_noop("The Seller Center does not list it any more."),
    gettext_noop("Not taken by the rule: %(rule)s"),
    gettext_noop("Packages hold units of a line that was lost here; they have to be looked at first."),
    gettext_noop("The Seller Center's record can't be read: %(error)s"),
    gettext_noop("It was not offered to this seller."),
    gettext_noop("not an order as it is offered: %(error)s"),
    gettext_noop("Its log and its lines tell different states; a person has to look."),
    gettext_noop("What was told of it last is not kept any more; a person has to look."),
    gettext_noop("It holds a line that its last event does not name; a person has to look."),
    gettext_noop("A line of it stands in another package; a person has to look."),
    gettext_noop("A line of it is of another order line than was told; a person has to look."),
    gettext_noop("%(units)s more would stand in two packages: %(open)s are open."),
    gettext_noop("The record it was offered as is not kept here."),
    gettext_noop("The record kept of it is that of order %(pk)s."),
    gettext_noop("The Seller Center takes no orders back; ask its owner to read it from the hub again."),
    gettext_noop("No active hook tells the Seller Center of %(type)s; run the doctor."),
    gettext_noop("Its order %(order)s is not here."),
    gettext_noop("Its state %(state)s is unknown here."),
    gettext_noop("Its location '%(name)s' is unknown here."),
    gettext_noop("Its location '%(name)s' is not unique here."),
    gettext_noop('Its location "%(name)s" is unknown here.'),
    gettext_noop('Its location "%(name)s" is not unique here.'),
    gettext_noop("Its line %(sku)s is not in the order here."),
    gettext_noop(
        "%(units)s units of %(sku)s stand in packages, %(ordered)s were ordered; a person has to look."
    ),
    gettext_noop("%(units)s of %(sku)s would stand in two packages: %(open)s are open."),
    gettext_noop("Product %(sku)s is unknown here."),
    gettext_noop("The Seller Center knows no lines of it."),
    gettext_noop("Two of its lines are of the same order line."),
    gettext_noop("It does not carry the seal it was offered under."),
    gettext_noop("Its ids have been given to another order since."),
    gettext_noop("The Seller Center has no %(path)s (%(status)s)."),
    gettext_noop("The Seller Center tells no figures of single days."),
    gettext_noop(
        "The Seller Center is of an earlier version: packages are compared by state and sequence, not field by field."
    ),
    gettext_noop(
        "The Seller Center is of an earlier version: statuses of orders and of their lines are not compared."
    ),
    gettext_noop("Orders are not read from a Seller Center: endpoint_conf has no entry for them."),
    gettext_noop("OMNITRON_CLIENT_SETTINGS is not set."),
    gettext_noop("No comparison has been made yet."),
    gettext_noop("Restored from the Seller Center; lines with units in no package: %(count)s"),
)

STATES: Mapping[str, Look] = {
    "waiting": Look(tone="info", shape="ring", word=gettext_lazy("Waiting")),
    "comparing": Look(tone="progress", shape="half", word=gettext_lazy("Comparing")),
    "looking": Look(tone="progress", shape="half", word=gettext_lazy("Looking at what differs")),
    "ready": Look(tone="warn", shape="diamond", word=gettext_lazy("Ready to repair")),
    "applying": Look(tone="progress", shape="half", word=gettext_lazy("Repairing")),
    "checking": Look(tone="progress", shape="half", word=gettext_lazy("Waiting for the other side")),
    "done": Look(tone="good", shape="check", word=pgettext_lazy("state", "Finished")),
    "cancelled": Look(tone="warn", shape="stop", word=gettext_lazy("Aborted")),
    "failed": Look(tone="bad", shape="cross", word=gettext_lazy("Failed")),
}
CONFLICTS: Mapping[str, Look] = {
    "open": Look(tone="warn", shape="diamond", word=gettext_lazy("Differs")),
    "applied": Look(tone="progress", shape="half", word=gettext_lazy("On its way")),
    "repaired": Look(tone="good", shape="check", word=gettext_lazy("Repaired")),
    "refused": Look(tone="bad", shape="cross", word=gettext_lazy("Not repaired")),
    "unconfirmed": Look(tone="warn", shape="triangle", word=gettext_lazy("Not confirmed")),
}
KINDS = {"package": gettext_lazy("Package"), "order": gettext_lazy("Order")}
OWNERS = {"oms": gettext_lazy("OMS"), "seller_center": gettext_lazy("Seller Center")}
CASES = {
    "both": gettext_lazy("Differs"),
    "only_here": gettext_lazy("Only here"),
    "only_there": gettext_lazy("Only there"),
    "later_there": gettext_lazy("Later there"),
    "heard_more": gettext_lazy("Heard of more there"),
    "same_version": gettext_lazy("Differs in the same version"),
    "slipped": gettext_lazy("State not in its log"),
    "rewritten": gettext_lazy("Not as it was told"),
    "behind": gettext_lazy("Behind what was told"),
}
REMEDIES = {
    "tell_again": gettext_lazy("Tell the Seller Center again"),
    "restore_from_there": gettext_lazy("Restore from the Seller Center"),
    "remember_from_there": gettext_lazy("Take the later state over"),
    "note": gettext_lazy("Put the note right"),
    "read_again": gettext_lazy("Read the order again"),
    "give_back": gettext_lazy("Give the order back"),
    "put_right": gettext_lazy("Put right here"),
    "report_again": gettext_lazy("Report the statuses again"),
}
FIELDS = {
    "*": gettext_lazy("everything"),
    "package": gettext_lazy("package"),
    "state": gettext_lazy("state"),
    "sequence": gettext_lazy("sequence"),
    "created_date": gettext_lazy("day it was made"),
    "modified_date": gettext_lazy("version"),
    "items": gettext_lazy("lines"),
    "location_name": gettext_lazy("location"),
    "amount": gettext_lazy("amount"),
    "tracking_numbers": gettext_lazy("tracking numbers"),
    "invoice_number": gettext_lazy("invoice number"),
    "shipping_company": gettext_lazy("cargo company"),
    "number": gettext_lazy("number"),
    "currency": gettext_lazy("currency"),
    "shipping_amount": gettext_lazy("shipping amount"),
    "discount_amount": gettext_lazy("discount"),
    "payment_type": gettext_lazy("payment"),
    "shipping_option_slug": gettext_lazy("shipping option"),
    "delivery_type": gettext_lazy("delivery type"),
    "delivery_range": gettext_lazy("delivery window"),
    "notes": gettext_lazy("notes"),
    "date_placed": gettext_lazy("time of the order"),
    "customer": gettext_lazy("customer"),
    "shipping_address": gettext_lazy("shipping address"),
    "billing_address": gettext_lazy("billing address"),
    "record": gettext_lazy("record"),
    "status": gettext_lazy("status"),
    "line_statuses": gettext_lazy("statuses of lines"),
}


PARTS = {
    "title": gettext_lazy("title"),
    "first_name": gettext_lazy("first name"),
    "last_name": gettext_lazy("last name"),
    "email": gettext_lazy("e-mail"),
    "phone_number": gettext_lazy("telephone"),
    "line": gettext_lazy("line"),
    "postcode": gettext_lazy("postcode"),
    "company_name": gettext_lazy("company"),
    "tax_office": gettext_lazy("tax office"),
    "tax_no": gettext_lazy("tax number"),
    "identity_number": gettext_lazy("identity number"),
    "country": gettext_lazy("country"),
    "city": gettext_lazy("city"),
    "township": gettext_lazy("township"),
    "district": gettext_lazy("district"),
    "country_code": gettext_lazy("country code"),
    "e_bill_taxpayer": gettext_lazy("e-invoice"),
    "notes": FIELDS["notes"],
}
"""Of a customer and an address."""


def field(name: str) -> str:
    """A field as a person reads it, and a part of one (`shipping_address.line`) behind its whole."""
    whole, _dot, part = name.partition(".")
    told = str(FIELDS.get(whole, whole))
    return f"{told} ({PARTS.get(part, part)})" if part else told


def value(name: str, found: Any) -> str:
    """One side's value of a field, as a person reads it."""
    if found is None or found in ("", [], {}):
        return "–"
    if name == "status":
        return looks.state_word("OrderStatus", found)
    if name == "line_statuses":
        return "; ".join(f"{pk} {looks.state_word('OrderStatus', code)}" for pk, code in found.items())
    if isinstance(found, list):
        return "; ".join(map(str, found))
    if isinstance(found, dict):
        return ", ".join(f"{FIELDS.get(name, name)} {one}" for name, one in found.items())
    return str(found)


def table() -> list[dict[str, Any]]:
    """The field authority table for the screen."""
    return [
        {
            "kind": KINDS[row.kind],
            "case": CASES[row.case],
            "fields": ", ".join(field(name) for name in row.fields),
            "states": "" if row.states is None else ", ".join(map(str, row.states)),
            "owner": OWNERS[row.owner],
            "remedy": REMEDIES[row.remedy],
            "why": _(row.why),
        }
        for row in TABLE
    ]
