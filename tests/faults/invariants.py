"""I1 to I6 over the three databases and the logs: what is lost, doubled, oversold, out of order, leaked.

Everything is read by SQL past the systems' own code. Findings name the thing, so that one found before is not counted
again for the next fault.

* **lost** (I1): an order that was accepted and is missing further on; an ordered unit in no package; a package only one side
  has; an event that was recorded and not taken, or set aside; a report that was given up.
* **doubled** (I2): an order, a unit, a package or an effect that is there more than once.
* **oversold** (I3): a balance that its ledger does not explain, that promises more than there is, or is held by nobody alive.
* **reordered** (I4): a package or an item that ends otherwise on the other side, or went back on its way.
* **leaked** (I6): a planted secret in a log, an event, an answer kept of a delivery, or an error on record.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ambar.cli.demo.stage import INTEGRATION_PASSWORD, PASSWORD
from ambar.cli.demo.world import DEMO_SELLER, HOOK_SECRET, OMNITRON_HOOK_SECRET
from tests.faults.ground import Ground

KINDS = ("lost", "doubled", "oversold", "reordered", "leaked")
CANCELLED, DELIVERED, OUT_OF_STOCK = 900, 700, 920


@dataclass(slots=True)
class Findings:
    """What is wrong, by kind; all empty is the only good state."""

    lost: set[str] = field(default_factory=set)
    doubled: set[str] = field(default_factory=set)
    oversold: set[str] = field(default_factory=set)
    reordered: set[str] = field(default_factory=set)
    leaked: set[str] = field(default_factory=set)

    def without(self, before: Findings) -> Findings:
        return Findings(**{kind: getattr(self, kind) - getattr(before, kind) for kind in KINDS})

    def counts(self) -> dict[str, int]:
        return {kind: len(getattr(self, kind)) for kind in KINDS}

    def examples(self, most: int = 5) -> list[str]:
        return [f"{kind}: {text}" for kind in KINDS for text in sorted(getattr(self, kind))[:most]]


def check(ground: Ground) -> Findings:
    """All invariants over all data there is."""
    found = Findings()
    _orders(ground, found)
    _units(ground, found)
    _packages(ground, found)
    _events(ground, found)
    _items(ground, found)
    _stock(ground, found)
    _leaks(ground, found)
    return found


WANTED = """
select o.number, i.extra_field ->> 'supplier_code', count(*) from omnitron_orders_order o
join omnitron_orders_orderitem i on i.order_id = o.id group by 1, 2
"""
MARKET = """
select o.upstream_number, s.supplier_code, o.number from sc_orders_order o join sc_sellers_seller s on s.id = o.seller_id
"""


def _orders(ground: Ground, found: Findings) -> None:
    """Each order placed is at the hub, with its seller at the marketplace, and the demo seller's at the OMS; once each."""
    wanted = {(number, seller) for number, seller, _ in ground.ask("omnitron", WANTED)}
    shop = Counter(row[0] for row in ground.ask("omnitron", "select number from omnitron_orders_order"))
    market = ground.ask("seller_center", MARKET)
    there = Counter((number, seller) for number, seller, _ in market)
    taken = Counter(row[0] for row in ground.ask("oms", "select number from oms_orders_order"))
    found.lost |= {f"order {one} was placed and is not at the hub" for one in ground.placed - shop.keys()}
    found.lost |= {f"order {n} of {s} is not at the marketplace" for n, s in wanted - there.keys()}
    mine = {here for number, seller, here in market if seller == DEMO_SELLER}
    found.lost |= {f"order {number} is not at the OMS" for number in mine - taken.keys()}
    for where, seen in (("hub", shop), ("marketplace", there), ("OMS", taken)):
        found.doubled |= {f"order {key} is {n} times at the {where}" for key, n in seen.items() if n > 1}


UNITS = """
select o.number, i.id, i.quantity - i.cancelled_quantity, coalesce(sum(p.quantity) filter (where g.state <> %s), 0)
from oms_orders_order o join oms_orders_orderitem i on i.order_id = o.id and not i.is_head
left join oms_packages_packageitem p on p.order_item_id = i.id left join oms_packages_package g on g.id = p.package_id
group by 1, 2, 3 having i.quantity - i.cancelled_quantity <> coalesce(sum(p.quantity) filter (where g.state <> %s), 0)
"""


def _units(ground: Ground, found: Findings) -> None:
    """Each ordered unit stands in exactly one living package, or its order is visibly stuck."""
    stuck = {
        row[0]
        for row in ground.ask("oms", "select number from oms_orders_order where planning_state = 'hold'")
    }
    for number, item, ordered, packed in ground.ask("oms", UNITS, CANCELLED, CANCELLED):
        text = f"order {number}, item {item}: {ordered} ordered, {packed} in packages"
        if packed > ordered:
            found.doubled.add(text)
        elif number not in stuck:
            found.lost.add(text)


TOLD = """
select p.number, p.state, coalesce(max(e.sequence), 0) from oms_packages_package p left join (
  select e.aggregate_id, e.sequence from outbox_event e join outbox_delivery d on d.event_id = e.id
  join outbox_hook h on h.id = d.hook_id where e.kind = 'package' and h.target_url like %s) e on e.aggregate_id = p.id
group by 1, 2
"""
"""Each package with the last step the marketplace is told of."""


def _packages(ground: Ground, found: Findings) -> None:
    """Both sides have the same packages, in the same state, reached in the same number of steps."""
    ours = {
        number: (state, step) for number, state, step in ground.ask("oms", TOLD, f"%:{ground.market_port}/%")
    }
    rows = ground.ask(
        "seller_center", "select number, state_code, sequence from sc_packages_package where origin = 'oms'"
    )
    theirs = {number: (state, seq) for number, state, seq in rows}
    found.doubled |= {
        f"package {n} is {k} times at the marketplace"
        for n, k in Counter(r[0] for r in rows).items()
        if k > 1
    }
    found.lost |= {f"package {number} is not at the marketplace" for number in ours.keys() - theirs.keys()}
    found.doubled |= {f"package {number} is not at the OMS" for number in theirs.keys() - ours.keys()}
    found.reordered |= {
        f"package {number}: {ours[number]} at the OMS, {theirs[number]} at the marketplace"
        for number in ours.keys() & theirs.keys()
        if ours[number] != theirs[number]
    }


HOOKED = """
select distinct e.uuid::text from outbox_event e join outbox_delivery d on d.event_id = e.id
join outbox_hook h on h.id = d.hook_id where h.target_url like %s
"""
UNDELIVERED = """
select e.type, e.uuid::text, d.state from outbox_delivery d join outbox_event e on e.id = d.event_id
join outbox_hook h on h.id = d.hook_id where d.state <> 1 and h.is_active
"""
TWICE_APPLIED = """
select package_id, sequence, count(*) from sc_packages_packagehistory where outcome = 'applied' and sequence is not null
group by 1, 2 having count(*) > 1
"""
WENT_BACK = """
select package_id, before, sequence from (
  select package_id, sequence, lag(sequence) over (partition by package_id order by id) as before
  from sc_packages_packagehistory where outcome = 'applied' and sequence is not null) steps
where sequence < before
"""
GAPS = """
select kind, aggregate_id, count(*), max(sequence) from outbox_event where kind = 'package' group by 1, 2
having count(distinct sequence) <> max(sequence)
"""


def _events(ground: Ground, found: Findings) -> None:
    """Each event arrived and had one effect, in order; none is set aside."""
    address = f"%:{ground.market_port}/%"
    sent = {row[0] for row in ground.ask("oms", HOOKED, address)}
    inbox = ground.ask(
        "seller_center",
        "select uuid::text, state, reason, source from outbox_inbox where source like 'oms:%%'",
    )
    found.lost |= {
        f"event {uuid} was not taken by the marketplace" for uuid in sent - {row[0] for row in inbox}
    }
    found.doubled |= {f"event {uuid} was never recorded" for uuid in {row[0] for row in inbox} - sent}
    for module in ("oms", "seller_center", "omnitron"):
        for kind, uuid, state in ground.ask(module, UNDELIVERED):
            found.lost.add(f"{module}: {kind} {uuid} is {'parked' if state == 2 else 'not delivered'}")
        for uuid, state, reason in ground.ask(
            module, "select uuid::text, state, reason from outbox_inbox where state <> 1"
        ):
            found.lost.add(
                f"{module}: received event {uuid} is {'set aside: ' + reason[:80] if state == 2 else 'not applied'}"
            )
    for package, sequence, times in ground.ask("seller_center", TWICE_APPLIED):
        found.doubled.add(f"package {package}: step {sequence} applied {times} times")
    for package, before, sequence in ground.ask("seller_center", WENT_BACK):
        found.reordered.add(f"package {package} went from step {before} to {sequence}")
    for kind, pk, events, last in ground.ask("oms", GAPS):
        found.lost.add(f"{kind} {pk}: {events} events, the last is number {last}")


UNTOLD = """
select i.id, i.status from omnitron_orders_orderitem i join omnitron_orders_order o on o.id = i.order_id
where o.number = any(%s) and i.extra_field ->> 'supplier_code' = %s and i.status <> 550
"""
DONE = """
select split_part(order_number, '-', 1) from oms_packages_package group by 1 having bool_and(state in (%s, %s)) and bool_or(state = %s)
"""


def _items(ground: Ground, found: Findings) -> None:
    """The hub knows every item of an order that was delivered whole as delivered; no report was given up."""
    whole = [row[0] for row in ground.ask("oms", DONE, DELIVERED, CANCELLED, DELIVERED)]
    for item, status in ground.ask("omnitron", UNTOLD, whole, DEMO_SELLER):
        found.reordered.add(f"item {item} is {status} at the hub and delivered at the OMS")
    for (item,) in ground.ask(
        "oms", "select order_item_id from oms_upstream_statussync where state = 'set_aside'"
    ):
        found.lost.add(f"status of item {item} was given up")
    for (record,) in ground.ask(
        "seller_center", "select record_id from sc_orders_forward where due_at is null"
    ):
        found.lost.add(f"marketplace item {record} is not told to the hub")


BOOKS = """
select location_id, product_id, b.on_hand, b.reserved, l.on_hand, l.reserved from oms_stock_balance b full join (
  select location_id, product_id, coalesce(sum(quantity) filter (where kind in ('stock', 'consume')), 0) as on_hand,
         coalesce(sum(quantity) filter (where kind <> 'stock'), 0) as reserved
  from oms_stock_ledgerentry group by 1, 2) l using (location_id, product_id)
where coalesce(b.on_hand, 0) <> coalesce(l.on_hand, 0) or coalesce(b.reserved, 0) <> coalesce(l.reserved, 0)
   or b.reserved > b.on_hand or b.reserved < 0
"""
HELD_BY_NOBODY = """
select e.holder_id, sum(e.quantity) from oms_stock_ledgerentry e
left join oms_packages_packageitem p on p.id = e.holder_id left join oms_packages_package g on g.id = p.package_id
where e.holder_kind = 'package_item' and e.kind <> 'stock' and (g.id is null or g.state = any(%s))
group by 1 having sum(e.quantity) <> 0
"""
QUOTA = """
select q.location_id, q.used, l.max_quota from oms_locations_quotaused q
join oms_locations_stocklocation l on l.id = q.location_id where l.max_quota is not null and q.used > l.max_quota
"""


def _stock(ground: Ground, found: Findings) -> None:
    """Balances are what their ledgers add up to, never negative, never promised twice; who is done holds nothing."""
    for row in ground.ask("oms", BOOKS):
        found.oversold.add("location {} product {}: balance {} - {}, ledger {} - {}".format(*row))
    for holder, held in ground.ask("oms", HELD_BY_NOBODY, [DELIVERED, CANCELLED]):
        found.oversold.add(f"package item {holder} is done and holds {held}")
    for location, used, most in ground.ask("oms", QUOTA):
        found.oversold.add(f"location {location} has {used} packages of {most}")


TEXTS = (
    ("outbox_event", "payload"),
    ("outbox_inbox", "payload || reason"),
    ("outbox_attempt", "response || error"),
    ("outbox_delivery", "last_error"),
    ("work_heartbeat", "last_error"),
    ("accounts_auditentry", "to_jsonb(accounts_auditentry)::text"),
)


def planted(ground: Ground) -> dict[str, str]:
    """Name → secret that must be found nowhere."""
    secrets = {f"token of {name}": token for name, token in ground.stage.tokens.items()}
    return {
        **secrets,
        "password": PASSWORD,
        "password of the integration": INTEGRATION_PASSWORD,
        "secret of the hooks": HOOK_SECRET,
        "secret of the hub's hooks": OMNITRON_HOOK_SECRET,
        "key": (ground.home / "secret_key").read_text().strip(),
    }


def _leaks(ground: Ground, found: Findings) -> None:
    """No planted secret stands in a log or in a text that people, programs or the other side can read."""
    secrets = planted(ground)
    logs = [*sorted((ground.home / "log").glob("*.log")), ground.home / "postgres" / "server.log"]
    for log in logs:
        text = log.read_text(errors="replace") if log.exists() else ""
        found.leaked |= {f"{name} stands in {log.name}" for name, secret in secrets.items() if secret in text}
    for module in ("oms", "seller_center", "omnitron"):
        for table, column in TEXTS:
            any_of = " or ".join(["position(%s in " + column + ") > 0"] * len(secrets))
            n = ground.one(module, f"select count(*) from {table} where {any_of}", *secrets.values())
            if n:
                found.leaked.add(f"{module}: a secret stands in {table}")


def under_way(ground: Ground) -> dict[str, Any]:
    """What is not settled yet, by name; empty when all is done. Raises psycopg.OperationalError while a database is away."""
    left: dict[str, Any] = {}
    for module, checks in _OPEN.items():
        with ground.connection(module) as connection:
            for name, statement in checks.items():
                (n,) = connection.execute(statement).fetchone() or (0,)
                if n:
                    left[f"{module}: {name}"] = n
    if not left:
        orders = MARKET + f" where s.supplier_code = '{DEMO_SELLER}'"
        waiting = len(ground.ask("seller_center", orders)) - ground.one(
            "oms", "select count(*) from oms_orders_order"
        )
        wanted = {(number, seller) for number, seller, _ in ground.ask("omnitron", WANTED)}
        missing = len(wanted) - ground.one("seller_center", "select count(*) from sc_orders_order")
        if waiting > 0 or missing > 0:
            left["orders on their way"] = (missing, waiting)
    return left


_HOOKS = "select count(*) from outbox_delivery d join outbox_hook h on h.id = d.hook_id where d.state = 0 and h.is_active"
_INBOX = "select count(*) from outbox_inbox where state = 0"
_OPEN = {
    "omnitron": {"deliveries": _HOOKS, "inbox": _INBOX},
    "seller_center": {
        "deliveries": _HOOKS,
        "inbox": _INBOX,
        "items to tell the hub": "select count(*) from sc_orders_forward where due_at is not null",
    },
    "oms": {
        "deliveries": _HOOKS,
        "inbox": _INBOX,
        "orders to plan": "select count(*) from oms_orders_order where planning_state in ('new', 'planning', 'pending')",
        "packages to walk": f"select count(*) from oms_packages_package where state not in ({DELIVERED}, {CANCELLED}, {OUT_OF_STOCK})",
        "statuses to tell": "select count(*) from oms_upstream_statussync where state = 'pending'",
        "changes to tell": "select count(*) from oms_packages_package where sync_pending_at is not null",
    },
}
