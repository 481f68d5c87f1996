"""The field authority table: who is right about which field, in which case, and what is done about it.

A row is read as: where a record of `kind` is in `case` and its state lies in `states` (None: any), `owner` is right about
`fields`, and `remedy` makes both sides agree. The first row that fits decides. Source: `docs/decisions/0044-field-authority.md`.
"""

from __future__ import annotations

from dataclasses import dataclass

OMS = "oms"
SELLER_CENTER = "seller_center"
OWNERS = (OMS, SELLER_CENTER)

PACKAGE = "package"
ORDER = "order"
KINDS = (PACKAGE, ORDER)

BOTH, ONLY_HERE, ONLY_THERE, LATER_THERE, HEARD_MORE, SAME_VERSION, SLIPPED, REWRITTEN, BEHIND = (
    "both",
    "only_here",
    "only_there",
    "later_there",
    "heard_more",
    "same_version",
    "slipped",
    "rewritten",
    "behind",
)
CASES = (BOTH, ONLY_HERE, ONLY_THERE, LATER_THERE, HEARD_MORE, SAME_VERSION, SLIPPED, REWRITTEN, BEHIND)

TELL, RESTORE, REMEMBER, NOTE, REREAD, GIVE_BACK, PUT_RIGHT, REPORT = (
    "tell_again", "restore_from_there", "remember_from_there", "note", "read_again", "give_back", "put_right", "report_again",
)  # fmt: skip
REMEDIES = (TELL, RESTORE, REMEMBER, NOTE, REREAD, GIVE_BACK, PUT_RIGHT, REPORT)

PACKED = (500, 600, 620, 640, 660, 700, 740, 800, 1100)
EVERYTHING = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """One row of the table; `why` in one sentence."""

    kind: str
    case: str
    fields: tuple[str, ...]
    owner: str
    remedy: str
    why: str
    states: tuple[int, ...] | None = None


TABLE: tuple[Authority, ...] = (
    Authority(
        kind=PACKAGE, case=SLIPPED, fields=("state",), owner=OMS, remedy=PUT_RIGHT,
        why="The package stands in a state nothing moved it to: its own log tells another one. Where its lines agree with the log it"
            " is put back there, and nobody is told.",
    ),
    Authority(
        kind=PACKAGE, case=REWRITTEN, fields=("items", "amount"), owner=OMS, remedy=PUT_RIGHT,
        why="Its lines or its worth are not what its last event told, and nothing was told since: what the OMS said is its word, not the"
            " row that contradicts it. They are put back as they were told, where the order has room for them, and nobody is told.",
    ),
    Authority(
        kind=PACKAGE, case=ONLY_HERE, fields=(EVERYTHING,), owner=OMS, remedy=TELL,
        why="The OMS makes packages; what the Seller Center lost is told again, as a new event with a sequence of its own.",
    ),
    Authority(
        kind=PACKAGE, case=ONLY_THERE, fields=(EVERYTHING,), owner=SELLER_CENTER, remedy=RESTORE,
        why="It is the OMS's own word, which the OMS has lost. The package is put back as it was told; it is never planned anew,"
            " for its goods would leave twice.",
    ),
    Authority(
        kind=PACKAGE, case=LATER_THERE, fields=("state", "sequence", "items"), owner=SELLER_CENTER, remedy=REMEMBER,
        why="A sequence the OMS has not reached is a word it gave and forgot; nobody else counts sequences.",
    ),
    Authority(
        kind=PACKAGE, case=HEARD_MORE, fields=("sequence",), owner=SELLER_CENTER, remedy=NOTE,
        why="The Seller Center also listens to events beside the nine and stands where the OMS does; only the note of what it"
            " was told is behind.",
    ),
    Authority(
        kind=PACKAGE, case=BOTH, fields=("tracking_numbers", "invoice_number", "shipping_company"), states=PACKED, owner=OMS,
        remedy=TELL, why="Carrier and invoice are the OMS's from packing on. Tracking numbers are added, never taken away.",
    ),
    Authority(
        kind=PACKAGE, case=BOTH,
        fields=("state", "sequence", "items", "location_name", "amount", "created_date", "tracking_numbers", "invoice_number",
                "shipping_company"),
        owner=OMS, remedy=TELL, why="The OMS makes packages and moves them; the Seller Center only follows.",
    ),
    Authority(
        kind=ORDER, case=ONLY_THERE, fields=(EVERYTHING,), owner=SELLER_CENTER, remedy=REREAD,
        why="The Seller Center offers orders. Packages it already knows of are restored with the order before anything is planned.",
    ),
    Authority(
        kind=ORDER, case=ONLY_HERE, fields=(EVERYTHING,), owner=SELLER_CENTER, remedy=GIVE_BACK,
        why="The order was offered, under the Seller Center's own seal, and lost there; it is given back as it was offered.",
    ),
    Authority(
        kind=ORDER, case=LATER_THERE, fields=(EVERYTHING,), owner=SELLER_CENTER, remedy=REREAD,
        why="A newer version was not taken here.",
    ),
    Authority(
        kind=ORDER, case=BEHIND, fields=("status", "line_statuses"), owner=OMS, remedy=REPORT,
        why="How far the goods have come is the OMS's word, and the Seller Center had taken it: it is reported once more.",
    ),
    Authority(
        kind=ORDER, case=SAME_VERSION, fields=(EVERYTHING,), owner=SELLER_CENTER, remedy=REREAD,
        why="Under the same modification one side holds something else than was handed over: it is read again as it stands there.",
    ),
    Authority(
        kind=ORDER, case=BOTH, fields=(EVERYTHING,), owner=SELLER_CENTER, remedy=REREAD,
        why="The Seller Center has gone back to an older version: it is read again as it stands there, and the statuses of its"
            " items, which are the OMS's from packing on, are reported again.",
    ),
)  # fmt: skip


def decided(kind: str, case: str, fields: tuple[str, ...] = (), state: int | None = None) -> Authority:
    """The row that decides: the first for this kind and case that covers one of the fields in this state.

    :raises LookupError: the table has no such row.
    """
    for row in TABLE:
        if (row.kind, row.case) != (kind, case) or (row.states is not None and state not in row.states):
            continue
        if EVERYTHING in row.fields or not fields or set(fields) & set(row.fields):
            return row
    raise LookupError(f"nobody owns {fields} of a {kind} in case {case}")
