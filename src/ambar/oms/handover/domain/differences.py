"""What a difference between the two sides means: none after all, still under way, or a conflict and its remedy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ambar.oms.handover.domain import authority
from ambar.oms.handover.domain.authority import Authority

COMPARED = (
    "state", "sequence", "created_date", "items", "location_name", "amount", "tracking_numbers", "invoice_number",
    "shipping_company",
)  # fmt: skip
"""Fields of a package that are laid side by side."""
WHOLE = "package"
"""What is said to differ of a package that only one side has."""
FINISHED = (700, 740, 900, 910, 1100)
"""States of packages that keep the name their place had: renaming it later is no difference."""
ON_ITS_WAY = (600, 620, 640, 660, 700, 740)
"""States of packages whose tracking number has been told; before, a carrier may have given one that is yet to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageHere:
    """A package of this OMS: as the marketplace was told of it (`state`, `sequence`), and where it stands (`*_now`).

    `fields` are the compared ones. `logged` is the state its log tells, where it has slipped to another one; `rewritten` are the fields that
    are not as its last event told them, though nothing was told since, each (field, ours, told). `pending` events of it are on their way
    to the Seller Center, `parked` ones were given up.
    """

    id: int
    number: str
    state: int
    sequence: int
    state_now: int
    sequence_now: int
    day: str
    fields: Mapping[str, Any]
    pending: int = 0
    parked: int = 0
    logged: int | None = None
    rewritten: tuple[tuple[str, Any, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHere:
    """An order known here: the newest version seen (None when a malformed one is in quarantine), and what became of it.

    `taken` is false for one that a rule refused or that is in quarantine.
    """

    modified_at: datetime | None
    quarantined: bool = False
    taken: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """A line as it is told to people; one that is `given_up` (cancelled, given back) is not compared."""

    text: str
    given_up: bool
    empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFields:
    """What was handed over of an order, as one side holds it: texts by field, lines by upstream id."""

    texts: Mapping[str, str]
    lines: Mapping[int, OrderLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A conflict: the row of the authority table that decides, and the fields that differ, each (field, ours, theirs)."""

    row: Authority
    fields: tuple[tuple[str, Any, Any], ...]


UNDER_WAY = "under_way"
ALIKE = "alike"


def of_package(here: PackageHere | None, there: Mapping[str, Any] | None) -> Difference | str:
    """`there` is a package as the Seller Center details it; one of which only events wait has no `sequence`."""
    if (there is not None and there.get("waiting")) or (here is not None and here.pending):
        return UNDER_WAY
    if there is not None and "sequence" not in there:
        there = None
    if here is not None and here.logged is not None:
        slipped = ("state", here.state_now, here.logged if there is None else there["state"])
        return Difference(row=authority.decided(authority.PACKAGE, authority.SLIPPED), fields=(slipped,))
    if here is not None and here.rewritten and (there is None or there["sequence"] <= here.sequence_now):
        return Difference(
            row=authority.decided(authority.PACKAGE, authority.REWRITTEN), fields=here.rewritten
        )
    if here is None or there is None:
        return _one_sided(here, there)
    case = _case(here, there)
    fields = tuple(
        (name, here.fields.get(name), there.get(name))
        for name in COMPARED
        if name in here.fields and here.fields[name] != there.get(name)
    )
    if case is None:
        fields = tuple(one for one in fields if _matters(here, *one))
        if not fields:
            return ALIKE
        case = authority.BOTH
    names = tuple(name for name, _, _ in fields) or ("sequence",)
    return Difference(row=authority.decided(authority.PACKAGE, case, names, here.state_now), fields=fields)


def _one_sided(here: PackageHere | None, there: Mapping[str, Any] | None) -> Difference | str:
    if here is None and there is None:
        return ALIKE
    case = authority.ONLY_HERE if there is None else authority.ONLY_THERE
    ours = None if here is None else {"state": here.state, "sequence": here.sequence}
    theirs = None if there is None else {"state": there["state"], "sequence": there["sequence"]}
    return Difference(row=authority.decided(authority.PACKAGE, case), fields=((WHOLE, ours, theirs),))


def _case(here: PackageHere, there: Mapping[str, Any]) -> str | None:
    same_day = here.day == str(there["created_date"])[:10]
    if (here.state, here.sequence) == (there["state"], there["sequence"]) and same_day:
        return None
    if there["sequence"] > here.sequence_now:
        return authority.LATER_THERE
    if there["sequence"] > here.sequence and there["state"] == here.state_now and same_day:
        return authority.HEARD_MORE
    return authority.BOTH


def _matters(here: PackageHere, name: str, ours: Any, theirs: Any) -> bool:
    """Whether a field may not differ where state and sequence agree (`docs/decisions/0079-fields-compared.md`)."""
    if name == "created_date":
        return False
    if name == "location_name":
        return here.state not in FINISHED
    if name == "tracking_numbers":
        return here.state in ON_ITS_WAY and not set(ours) <= set(theirs or ())
    return True


def of_order(
    here: OrderHere | None,
    there: datetime | None,
    *,
    packages_there: int = 0,
    read_up_to: datetime | None,
    fields: tuple[tuple[str, Any, Any], ...] = (),
    is_behind: bool = False,
) -> Difference | str:
    """`there` is the order's modification at the Seller Center, `fields` are those that differ under the same one (`is_behind`: in nothing
    but statuses it was told). What is newer than the pull has read is on its way, unless the Seller Center has packages of an order unknown
    here: then it was here before."""
    if here is None and there is None:
        return ALIKE
    if here is not None and (here.quarantined or (there is None and not here.taken)):
        return ALIKE
    mine = None if here is None else here.modified_at
    if here is not None and mine == there:
        if not fields:
            return ALIKE
        names = tuple(name for name, _, _ in fields)
        case = authority.BEHIND if is_behind else authority.SAME_VERSION
        return Difference(row=authority.decided(authority.ORDER, case, names), fields=fields)
    unread = there is not None and (read_up_to is None or there > read_up_to)
    if (
        unread
        and (mine is None or (there is not None and there > mine))
        and not (here is None and packages_there)
    ):
        return UNDER_WAY
    if there is None:
        case = authority.ONLY_HERE
    elif here is None:
        case = authority.ONLY_THERE
    else:
        case = authority.BOTH if mine is not None and mine > there else authority.LATER_THERE
    return Difference(row=authority.decided(authority.ORDER, case), fields=(("modified_date", mine, there),))


def of_order_fields(here: OrderFields, there: OrderFields) -> tuple[tuple[str, Any, Any], ...]:
    """The fields of an order that differ under the same modification, each (field, ours, theirs); of `items` the lines that do.

    A line that either side has given up is left alone: how far that has come is told by plans and statuses. One of which upstream
    told that nothing is wanted any more (`empty`) is the same as one it does not name.
    """
    found: list[tuple[str, Any, Any]] = [
        (name, text, there.texts.get(name))
        for name, text in here.texts.items()
        if text != there.texts.get(name)
    ]
    ours: list[str] = []
    theirs: list[str] = []
    for pk in sorted(here.lines.keys() | there.lines.keys()):
        mine, other = here.lines.get(pk), there.lines.get(pk)
        if any(line is not None and line.given_up for line in (mine, other)):
            continue
        if (mine and mine.text) == (other and other.text) or (other is None and mine and mine.empty):
            continue
        ours += [mine.text] if mine else []
        theirs += [other.text] if other else []
    if ours or theirs:
        found.append(("items", ours, theirs))
    return tuple(found)
