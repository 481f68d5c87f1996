"""Random lives of orders, packages, transfers, stock and quota together; after every step the whole house is in order.

`AMBAR_LIVES=2000 AMBAR_STEPS=80` runs it longer, on lives never seen before; `AMBAR_SHRINK=1` makes a bad life short.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from ambar.kit.refusals import Refusal
from ambar.oms.catalogue.models import Product
from ambar.oms.commands.actions.decide_cancellations import decide_cancellations
from ambar.oms.commands.actions.run_many import run_many
from ambar.oms.commands.kinds import PACKAGES, Kind
from ambar.oms.commands.transfers.kind import TRANSFERS
from ambar.oms.orders import cancellation_store, intake_store
from ambar.oms.orders.domain.incoming import (
    IncomingCancellationPlan,
    IncomingItem,
    IncomingOrder,
    IncomingPlanItem,
)
from ambar.oms.packages.domain import events
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.planning.actions.plan_orders import plan_orders
from ambar.oms.planning.actions.take_arrivals import take_arrivals
from ambar.oms.scenarios.actions.save_scenario import save_transfer_scenario
from ambar.oms.states import queries as states
from ambar.oms.states.queries import Transition
from ambar.oms.stock.counts import Counted, set_on_hand
from ambar.oms.stock.domain.reservations import NotEnoughStock
from ambar.oms.transfers.models import Transfer
from tests.store.oms.model import command_examples as examples
from tests.store.oms.model.command_examples import Record
from tests.worlds import oms_books as books
from tests.worlds.listening import listen
from tests.worlds.oms_planning import make_rule, make_scenario
from tests.worlds.oms_records import T0, build, incoming
from tests.worlds.oms_transfers import add_location

pytestmark = pytest.mark.django_db
LIVES = int(os.environ.get("AMBAR_LIVES", "18"))
STEPS = int(os.environ.get("AMBAR_STEPS", "30"))
MODELS = {"package": (PACKAGES, Package), "transfer": (TRANSFERS, Transfer)}
SKUS = ("SKU-A", "SKU-B")
dice = st.integers(0, 2**32).map(random.Random)


class House(RuleBasedStateMachine):
    """Three locations with little stock; orders are split, brought together, cancelled and planned again."""

    def __init__(self) -> None:
        super().__init__()
        self.mark = transaction.savepoint()
        self.now, self.plans = T0, 0
        self.world = build(stock_of_each=5)
        listen(*sorted(events.HEARD))
        add_location(self.world, "FAR", stock_of_each=3)
        self.told: dict[int, IncomingOrder] = {}
        self.done: list[str] = []
        store = {"field": "id", "op": "eq", "value": self.world.locations["ST1"]}
        make_scenario(
            self.world.locations["FAR"],
            rules=[
                make_rule(
                    name="to the shop",
                    location_condition=store,
                    split_policy="whole_order",
                    transferable=True,
                ),
                make_rule(name="from anywhere"),
            ],
        )
        source = {
            "name": "from the others",
            "location_condition": {},
            "product_mode": "all",
            "product_condition": {},
        }
        save_transfer_scenario(
            {
                "name": "transfers",
                "is_active": True,
                "rules": [
                    {**source, "source_condition": {"not": store}, "selectors": ["SELECT_BY_PRIORITY"]}
                ],
            },
            now=T0,
        )

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.mark)
        DONE.update(self.done)

    def later(self, **passed: int) -> None:
        self.now += timedelta(**(passed or {"seconds": 1}))

    @initialize(dice=dice)
    def some_orders_are_planned(self, dice: random.Random) -> None:
        for _ in range(3):
            self.an_order_comes(dice)
        self.the_planner_runs(0)

    # What comes from outside

    def an_order_comes(self, dice: random.Random) -> None:
        self.later()
        order = incoming(
            self.world, lines=[(sku, dice.randint(1, 4)) for sku in dice.sample(SKUS, dice.randint(1, 2))]
        )
        intake_store.upsert([order], now=self.now)
        self.told[order.upstream_id] = order

    @rule(dice=dice)
    def one_more_order_comes(self, dice: random.Random) -> None:
        self.an_order_comes(dice)

    @rule(dice=dice)
    def a_newer_version_comes(self, dice: random.Random) -> None:
        if not self.told:
            return
        self.later()
        old = self.told[dice.choice(sorted(self.told))]
        items = tuple(_of(item, dice.randint(1, 4)) for item in old.items if dice.random() < 0.9)
        newer = replace(old, items=items or old.items, upstream_modified_at=self.now)
        intake_store.upsert([newer], now=self.now)
        self.told[old.upstream_id] = newer

    @rule(dice=dice)
    def upstream_wants_to_cancel(self, dice: random.Random) -> None:
        if not self.told:
            return
        self.later()
        order = self.told[dice.choice(sorted(self.told))]
        items = dice.sample(order.items, dice.randint(0, len(order.items)))
        self._cancellation(
            order,
            [
                IncomingPlanItem(
                    order_item=item.upstream_id,
                    reason="changed mind",
                    quantity=dice.choice([None, Decimal(1), Decimal(2)]),
                )
                for item in items
            ],
        )

    def _cancellation(self, order: IncomingOrder, items: Sequence[IncomingPlanItem]) -> None:
        self.plans += 1
        plan = IncomingCancellationPlan(
            source=order.source, upstream_id=self.plans, order_upstream_id=order.upstream_id, plan_type="cancel",
            status="waiting", upstream_modified_at=self.now, items=tuple(items),
        )  # fmt: skip
        cancellation_store.upsert_cancellation_plans([plan], now=self.now)

    @rule()
    def cancellations_are_decided(self) -> None:
        self.later()
        decide_cancellations(limit=100, now=self.now)

    @rule(dice=dice)
    def stock_is_counted(self, dice: random.Random) -> None:
        self.later()
        figures = [
            Counted(
                location_id=self.world.locations[dice.choice(sorted(self.world.locations))],
                product_id=self.world.products[dice.choice(SKUS)],
                on_hand=Decimal(dice.randint(0, 9)),
            )
        ]
        set_on_hand(figures, reason="count", cause=None, now=self.now)
        take_arrivals(limit=100, now=self.now)

    # What the house does

    def the_planner_runs(self, minutes: int) -> None:
        self.later(minutes=minutes, seconds=1)
        plan_orders(limit=10, now=self.now)

    @rule(minutes=st.sampled_from([0, 31]))
    def the_planner_runs_again(self, minutes: int) -> None:
        self.the_planner_runs(minutes)

    @rule(dice=dice)
    def somebody_commands_a_package(self, dice: random.Random) -> None:
        self._command("package", dice)

    @rule(dice=dice)
    def somebody_commands_several_packages(self, dice: random.Random) -> None:
        self._command("package", dice, several=True)

    @rule(dice=dice)
    def somebody_commands_a_transfer(self, dice: random.Random) -> None:
        self._command("transfer", dice)

    def _command(self, name: str, dice: random.Random, *, several: bool = False) -> None:
        kind, model = MODELS[name]
        rows: list[tuple[int, Any]] = list(model.objects.order_by("id").values_list("id", "state"))
        if not rows:
            return
        self.later()
        known = states.active_transitions(name)
        record_id, state = dice.choice(rows)
        fitting = [row for row in known if row.source == str(state)]
        row = dice.choice(fitting) if fitting and dice.random() < 0.9 else dice.choice(known)
        ids = [record_id]
        if several:
            ids = dice.sample([i for i, _ in rows], dice.randint(1, len(rows)))
        given = {i: _varied(row, Record(name, i), dice) for i in ids}
        self._run(kind, row, ids, given)

    def _run(self, kind: Kind, row: Transition, ids: list[int], given: dict[int, dict[str, Any]]) -> None:
        before = books.picture()
        try:
            verdicts = run_many(row.slug, ids, kind=kind, parameters=given, now=self.now)
        except Refusal:
            verdicts = []
        if any(verdict.refusal is None for verdict in verdicts):
            self.done.append(row.slug)
        else:
            assert books.changed(before, books.picture()) == [], row.slug
        for verdict in verdicts:
            if verdict.refusal is None and row.command_code not in MAY_END_ELSEWHERE:
                assert str(verdict.state) == row.destination
                assert examples.stands_in(Record(kind.name, verdict.id)) == row.destination

    @invariant()
    def everything_adds_up(self) -> None:
        assert books.wrong(every_unit=True) == {}


MAY_END_ELSEWHERE = frozenset({"CONFIRM_CANCELLATION", "PREPARE_PACKAGE_COMMAND", *examples.ENDS})
DONE: set[str] = set()


def _of(item: IncomingItem, quantity: int) -> IncomingItem:
    """The same line with so many units, at the same price each."""
    return replace(item, quantity=Decimal(quantity), price=Decimal("100.00") * quantity)


def _varied(row: Transition, record: Record, dice: random.Random) -> dict[str, Any]:
    """Parameters of a command: the smallest ones, with other items and places, and sometimes wrong ones."""
    if row.command_code == "MERGE_PACKAGES":
        return {"packages": examples.alike(record) or [1]}
    if row.command_code == "MOVE_RESERVATION":
        return {"to_package": dice.choice(examples.without_stock(record) or [1])}
    if row.command_code in ("REPLACE_PRODUCT", "PREPARE_PACKAGE_COMMAND"):
        return _other_goods(row, record, dice)
    try:
        with transaction.atomic():
            given = examples.parameters(row, record)
    except NotEnoughStock:  # the example needs another package, and this house has no stock for one
        given = {}
    items = record.items()
    for name in ("package_items", "transfer_items"):
        if name in given or (name == "transfer_items" and dice.random() < 0.3):
            given[name] = dice.sample(items, dice.randint(1, len(items))) if items else [1]
    if "assignment_groups" in given and items:
        place: Callable[[], str] = lambda: dice.choice(["WH1", "ST1", "FAR"])  # noqa: E731
        cut = dice.randint(1, len(items))
        groups = [part for part in (items[:cut], items[cut:]) if part]
        given["assignment_groups"] = [[*part, place()] for part in groups]
    if given and dice.random() < 0.05:
        given.pop(dice.choice(sorted(given)))
    if dice.random() < 0.03:
        others = PackageItem.objects.exclude(package_id=record.id).values_list("id", flat=True)
        given["package_items"] = list(others[:1]) or [10**9]
    return given


def _other_goods(row: Transition, record: Record, dice: random.Random) -> dict[str, Any]:
    """Some items become other products, for Prepare Package others are missing."""
    items = record.items()
    dice.shuffle(items)
    cut = dice.randint(0, len(items))
    skus = list(Product.objects.order_by("id").values_list("sku", flat=True))
    given: dict[str, Any] = {
        "replacement_products": [
            {"package_item": item, "sku": dice.choice(skus), "missing": dice.random() < 0.5}
            for item in items[:cut]
        ]
    }
    if row.command_code == "PREPARE_PACKAGE_COMMAND":
        given |= {"select_items_by_omnitron_id": False, "missing_items": items[cut:][: dice.randint(0, 3)]}
        given["barcodes"] = [{"package_item": item, "barcodes": ["1"]} for item in items[:cut]]
    return given


def test_random_lives_leave_everything_in_order():
    DONE.clear()
    run_state_machine_as_test(
        House,
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=STEPS,
            derandomize="AMBAR_LIVES" not in os.environ,
            database=None,
            phases=[Phase.generate, *([Phase.shrink] if "AMBAR_SHRINK" in os.environ else [])],
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert len(DONE) >= 15, sorted(DONE)
