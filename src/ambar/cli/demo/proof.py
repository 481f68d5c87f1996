"""Do the three systems agree? Everything is read over the public APIs and counted; nothing is believed.

* **lost**: an order that should have become the demo seller's and is missing at the Seller Center or the OMS; an order line that
  is in no package; a package that one side has and the other has not; an event that was recorded but not taken by the other side.
* **twice**: an order, an order line or a package that is there more than once.
* **disagreements**: packages whose state or sequence differs; order items of delivered packages that Omnitron was not told of.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from ambar.cli.demo.stage import Stage
from ambar.cli.demo.world import DEMO_SELLER
from ambar.cli.wire import Wire

OUT_OF_STOCK, DELIVERED, CANCELLED = "920", "700", "900"
ITEM_DELIVERED = "550"


@dataclass(slots=True)
class Proof:
    """The figures printed at the end; `holds` is the verdict. Latencies in seconds."""

    orders: int = 0
    demo_seller_orders: int = 0
    other_sellers_orders: int = 0
    packages: int = 0
    delivered_packages: int = 0
    out_of_stock_packages: int = 0
    replanned_packages: int = 0
    transfers: int = 0
    carried: int = 0
    events_recorded: int = 0
    events_delivered: int = 0
    events_applied: int = 0
    events_repeated: int = 0
    events_late: int = 0
    quarantined: int = 0
    held: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    disagreements: list[str] = field(default_factory=list)
    p50: float | None = None
    p95: float | None = None
    """From the shop's asking to the package known at the Seller Center, seconds."""
    applied_p50: float | None = None
    applied_p95: float | None = None
    """From the order's creation at the Seller Center to its `package.created` applied there, by one clock."""

    @property
    def holds(self) -> bool:
        return not (self.lost or self.twice or self.disagreements)

    @property
    def settled_packages(self) -> int:
        """Packages with nothing more to come, for now."""
        return self.delivered_packages + self.out_of_stock_packages + self.replanned_packages

    def as_json(self) -> dict[str, Any]:
        """Figures as they are printed with `--json`; the first twenty of each list of findings."""
        document = asdict(self)
        for name in ("lost", "twice", "disagreements"):
            document[name] = len(document[name])
            document[f"{name}_examples"] = getattr(self, name)[:20]
        return {**document, "holds": self.holds}


def settled(stage: Stage) -> bool:
    """True when nothing is under way any more: all taken, all planned, all walked, all delivered, all told.

    Asked in the direction in which orders go, so that none slips by: what the hub has sent may still wait in the Seller
    Center's inbox, and is then neither undelivered nor offered.
    """
    if _undelivered(stage.wire("omnitron")) or _waits_in_inbox(stage.wire("seller_center")):
        return False
    oms, center = stage.wire("oms"), stage.wire("seller_center", token=stage.tokens["seller_oms"])
    offered = center.get("/api/v1/applications/oms/handover/")["orders"]["offered"]
    if oms.count("/api/v1/oms/orders/") + oms.count("/api/v1/oms/intake/quarantine/") < offered:
        return False
    if any(
        oms.count("/api/v1/oms/orders/", planning_state=state) for state in ("new", "planning", "pending")
    ):
        return False
    total = oms.count("/api/v1/oms/packages/short/")
    if total != sum(
        oms.count("/api/v1/oms/packages/short/", state__enum_value=state)
        for state in (OUT_OF_STOCK, DELIVERED, CANCELLED)
    ):
        return False
    if _undelivered(oms):
        return False
    events = center.get("/api/v1/applications/oms/handover/")["events"].values()
    return not any(row["waiting"] for row in events)


def _undelivered(wire: Wire) -> bool:
    """Whether anything waits to be sent; what waits for a hook that is switched off is going nowhere."""
    path, few = "/api/v1/whisperer/hook_events/", 100
    if (waiting := wire.count(path, delivered="false")) > few:
        return True
    return waiting > 0 and any(row["webhook"]["is_active"] for row in wire.rows(path, delivered="false"))


def _waits_in_inbox(wire: Wire) -> bool:
    """Whether events that a system has taken are not applied there yet."""
    figures = wire.call("GET", "/metrics").text.splitlines()
    return any(line.startswith("ambar_inbox_waiting ") and float(line.split()[1]) > 0 for line in figures)


def prove(stage: Stage, placed: dict[str, float] | None = None) -> Proof:
    """Compares all three systems; `placed` (order number → seconds since the epoch) gives the latencies."""
    oms, omnitron = stage.wire("oms"), stage.wire("omnitron")
    market, center = (
        stage.wire("seller_center"),
        stage.wire("seller_center", token=stage.tokens["seller_oms"]),
    )
    proof = Proof()
    wanted = _wanted(omnitron)
    proof.orders = len({number for number, _ in wanted})
    made = _orders(proof, wanted, market, oms)
    theirs = {row["number"]: row for row in market.rows("/api/v1/packages/") if row["origin"] == "oms"}
    _packages(proof, oms, theirs)
    _lines(
        proof, {number: lines for (number, seller), lines in wanted.items() if seller == DEMO_SELLER}, theirs
    )
    _events(proof, oms, center)
    _told(proof, omnitron, theirs)
    proof.quarantined = oms.count("/api/v1/oms/intake/quarantine/")
    proof.held = oms.count("/api/v1/oms/orders/", planning_state="hold")
    if placed:
        known = {number for number, _ in wanted}
        proof.lost += [
            f"order {number} was placed and is not at Omnitron" for number in placed if number not in known
        ]
        _latencies(proof, placed, made, theirs)
    return proof


def _wanted(omnitron: Wire) -> dict[tuple[str, str], Counter[str]]:
    """(order number, supplier code) → SKU → units, from the shop's own order lines."""
    wanted: dict[tuple[str, str], Counter[str]] = {}
    skus = {row["pk"]: row["sku"] for row in omnitron.rows("/api/v1/products/")}
    numbers = {row["pk"]: row["number"] for row in omnitron.rows("/api/v1/orders/")}
    for item in omnitron.rows("/api/v1/order_items/", limit=5000):
        key = numbers[item["order"]], item["extra_field"]["supplier_code"]
        wanted.setdefault(key, Counter())[skus[item["product"]]] += _units(item)
    return wanted


def _units(item: dict[str, Any]) -> int:
    """A merged order item holds its quantity among its attributes; any other is one unit."""
    return int(item["attributes"].get("quantity", 1))


def _orders(
    proof: Proof, wanted: dict[tuple[str, str], Counter[str]], market: Wire, oms: Wire
) -> dict[int, float]:
    """When the Seller Center created each of its orders, seconds since the epoch by its id."""
    made: dict[int, float] = {}
    here: Counter[tuple[str, str]] = Counter()
    taken: Counter[str] = Counter()
    upstream: dict[str, str] = {}
    for row in market.rows("/api/v1/orders/"):
        here[row["upstream_number"], row["supplier_code"]] += 1
        upstream[row["number"]] = row["upstream_number"]
        made[row["pk"]] = _seconds(row["created_date"])
    for row in oms.rows("/api/v1/oms/orders/"):
        taken[upstream.get(row["number"], row["number"])] += 1
    mine = {number for number, seller in wanted if seller == DEMO_SELLER}
    proof.demo_seller_orders = len(mine)
    proof.other_sellers_orders = sum(seller != DEMO_SELLER for _, seller in wanted)
    proof.lost += [
        f"order {number} of {seller} is not at the Seller Center"
        for number, seller in wanted
        if not here[number, seller]
    ]
    proof.lost += [f"order {number} is not at the OMS" for number in sorted(mine) if not taken[number]]
    proof.twice += [
        f"order {number} of {seller} is {n} times at the Seller Center"
        for (number, seller), n in here.items()
        if n > 1
    ]
    proof.twice += [f"order {number} is {n} times at the OMS" for number, n in taken.items() if n > 1]
    return made


def _packages(proof: Proof, oms: Wire, theirs: dict[str, dict[str, Any]]) -> None:
    ours = {row["number"]: row for row in oms.rows("/api/v1/oms/packages/short/")}
    states = Counter(row["state"] for row in ours.values())
    proof.packages, proof.transfers = len(ours), oms.count("/api/v1/oms/transfer_orders/minimal/")
    proof.carried = oms.count("/api/v1/oms/shipments/", talk="ended", state__enum_value="DELIVERED")
    proof.delivered_packages, proof.out_of_stock_packages, proof.replanned_packages = (
        states[DELIVERED],
        states[OUT_OF_STOCK],
        states[CANCELLED],
    )
    proof.lost += [f"package {number} is not at the Seller Center" for number in ours if number not in theirs]
    proof.lost += [f"package {number} is not at the OMS" for number in theirs if number not in ours]
    for number, row in ours.items():
        other = theirs.get(number)
        if other is not None and str(other["state_code"]) != row["state"]:
            proof.disagreements.append(
                f"package {number}: {row['state']} here, {other['state_code']} at the Seller Center"
            )


def _lines(proof: Proof, wanted: dict[str, Counter[str]], theirs: dict[str, dict[str, Any]]) -> None:
    """Every unit ordered from the demo seller stands in exactly one living package, as the Seller Center has them."""
    packed: dict[str, Counter[str]] = {}
    for number, row in theirs.items():
        if str(row["state_code"]) == CANCELLED:
            continue
        units = packed.setdefault(row["order_number"].split("-")[0], Counter())
        for item in row["items"]:
            units[item["sku"]] += round(float(item["quantity"]))
        if not row["items"]:
            proof.lost.append(f"package {number} has no items at the Seller Center")
    for number, units in wanted.items():
        got = packed.get(number, Counter())
        proof.lost += [f"order {number}: {n} of {sku} in no package" for sku, n in (units - got).items()]
        proof.twice += [
            f"order {number}: {n} of {sku} too many in packages" for sku, n in (got - units).items()
        ]


def _events(proof: Proof, oms: Wire, center: Wire) -> None:
    proof.events_recorded = oms.count("/api/v1/whisperer/hook_events/")
    proof.events_delivered = oms.count("/api/v1/whisperer/hook_events/", delivered="true")
    taken = center.get("/api/v1/applications/oms/handover/")["events"]
    total = Counter[str]()
    for row in taken.values():
        total.update(row)
    proof.events_applied, proof.events_late, proof.events_repeated = (
        total["applied"],
        total["late"],
        total["repeats"],
    )
    missing = proof.events_recorded - total["received"]
    if missing > 0:
        proof.lost.append(f"{missing} events were recorded and not taken by the Seller Center")
    if missing < 0:
        proof.twice.append(f"{-missing} events more at the Seller Center than were recorded")
    if total["parked"]:
        proof.lost.append(f"{total['parked']} events are parked at the Seller Center")


def _told(proof: Proof, omnitron: Wire, theirs: dict[str, dict[str, Any]]) -> None:
    """Order items of delivered packages are delivered at Omnitron too."""
    done: Counter[str] = Counter()
    for row in theirs.values():
        if str(row["state_code"]) == DELIVERED:
            done[row["order_number"].split("-")[0]] += sum(
                round(float(item["quantity"])) for item in row["items"]
            )
    numbers = {row["pk"]: row["number"] for row in omnitron.rows("/api/v1/orders/")}
    told: Counter[str] = Counter()
    for item in omnitron.rows("/api/v1/order_items/", limit=5000):
        if item["status"] == ITEM_DELIVERED and item["extra_field"]["supplier_code"] == DEMO_SELLER:
            told[numbers[item["order"]]] += _units(item)
    proof.disagreements += [
        f"order {number}: {n} items delivered, {told[number]} known at Omnitron"
        for number, n in done.items()
        if told[number] != n
    ]


def _latencies(
    proof: Proof, placed: dict[str, float], made: dict[int, float], theirs: dict[str, dict[str, Any]]
) -> None:
    first: dict[str, float] = {}
    order_of: dict[str, int] = {}
    for row in theirs.values():
        number = row["order_number"].split("-")[0]
        known = _seconds(row["created_date"])
        if number in placed and known <= first.get(number, known):
            first[number], order_of[number] = known, row["order"]
    proof.p50, proof.p95 = _quantiles([first[number] - placed[number] for number in first])
    proof.applied_p50, proof.applied_p95 = _quantiles(
        [first[number] - made[order] for number, order in order_of.items() if order in made]
    )


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()


def _quantiles(taken: list[float]) -> tuple[float | None, float | None]:
    """The middle and the 95th percentile; None of nothing."""
    if not taken:
        return None, None
    taken = sorted(taken)
    return taken[len(taken) // 2], taken[min(len(taken) - 1, int(len(taken) * 0.95))]
