"""Trap 3: whatever is done in whatever order, the ledger explains the balances and nothing is reserved twice."""

import random
from collections import Counter, defaultdict
from decimal import Decimal

import pytest
from django.db import transaction

from ambar.oms.stock import holdings, queries, store
from ambar.oms.stock.actions.repair import preview
from ambar.oms.stock.domain.repairs import HolderGone
from ambar.oms.stock.domain.reservations import Held, MoveLine, NotEnoughStock, NotHeld, ReserveLine
from ambar.oms.stock.models import Balance
from ambar.oms.stock.succession import pass_on_consumed
from tests.worlds.oms_planning import NOW, make_locations, make_products, put_stock

pytestmark = pytest.mark.django_db
GIVEN = {"reason": "machine", "cause": None, "now": NOW}
HOLDERS = 6
STEPS = 150


class Machine:
    """Does random acts and keeps books of its own: what each holder holds and has used up, and where."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.places, self.products = make_locations(2), make_products(2)
        self.held: dict[tuple[int, int, int], int] = defaultdict(int)
        self.used: dict[tuple[int, int, int], int] = defaultdict(int)
        self.done: Counter[str] = Counter()

    def any_key(self) -> tuple[int, int, int]:
        return self.dice.randint(1, HOLDERS), self.dice.choice(self.places), self.dice.choice(self.products)

    def some(self, books: dict[tuple[int, int, int], int]) -> tuple[int, int, int]:
        known = sorted(key for key, quantity in books.items() if quantity)
        return self.dice.choice(known) if known and self.dice.random() < 0.9 else self.any_key()

    def line(self, key: tuple[int, int, int], quantity: int) -> ReserveLine:
        return ReserveLine(
            location_id=key[1],
            product_id=key[2],
            quantity=Decimal(quantity),
            holder_kind="test",
            holder_id=key[0],
        )

    def move_line(self, key: tuple[int, int, int], to: tuple[int, int], quantity: int) -> MoveLine:
        return MoveLine(
            from_kind="test", from_id=key[0], to_kind="test", to_id=to[0], product_id=key[2],
            quantity=Decimal(quantity), from_location=key[1], to_location=to[1],
        )  # fmt: skip

    def feed(self) -> None:
        _, place, product = self.any_key()
        put_stock({(place, product): self.dice.randint(0, 12)})

    def reserve(self) -> None:
        key, quantity = self.any_key(), self.dice.randint(1, 4)
        store.reserve([self.line(key, quantity)], **GIVEN)
        self.held[key] += quantity

    def release(self) -> None:
        self._free(store.release)

    def consume(self) -> None:
        for key, quantity in self._free(store.consume).items():
            self.used[key] += quantity

    def _free(self, act) -> dict[tuple[int, int, int], int]:
        holder = self.some(self.held)[0]
        part = self.dice.choice([None, Decimal(1)])
        given = act([Held(holder_kind="test", holder_id=holder, quantity=part)], **GIVEN)
        known = sorted((k for k, q in self.held.items() if k[0] == holder and q), key=lambda k: (k[1], k[2]))
        taken = {key: self.held[key] for key in (known if part is None else known[:1])}
        taken = {key: quantity if part is None else 1 for key, quantity in taken.items()}
        assert given == ({("test", holder): sum(taken.values())} if taken else {})
        for key, quantity in taken.items():
            self.held[key] -= quantity
        return taken

    def restore(self) -> None:
        key, quantity = self.some(self.used), self.dice.randint(1, 5)
        back = holdings.restore([self.line(key, quantity)], **GIVEN)
        assert back == min(quantity, self.used[key])
        self.used[key] -= int(back)

    def move_goods(self) -> None:
        key, quantity = self.some(self.held), self.dice.randint(1, 3)
        to = self.dice.randint(1, HOLDERS), next(place for place in self.places if place != key[1])
        holdings.move_goods([self.move_line(key, to, quantity)], **GIVEN)
        self.held[key] -= quantity
        self.used[key] += quantity
        self.held[to[0], to[1], key[2]] += quantity

    def move_reservation(self) -> None:
        key, quantity = self.some(self.held), self.dice.randint(1, 3)
        to = self.dice.randint(1, HOLDERS)
        holdings.move_reservation([self.move_line(key, (to, key[1]), quantity)], **GIVEN)
        self.held[key] -= quantity
        self.held[to, key[1], key[2]] += quantity

    def pass_on(self) -> None:
        key = self.some(self.used)
        quantity, heir = self.used[key], self.dice.randint(1, HOLDERS)
        if quantity:
            pass_on_consumed([self.move_line(key, (heir, key[1]), quantity)], **GIVEN)
            self.used[key] -= quantity
            self.used[heir, key[1], key[2]] += quantity

    def step(self) -> None:
        act = self.dice.choice(
            [self.feed, self.reserve, self.reserve, self.release, self.consume, self.restore, self.move_goods,
             self.move_reservation, self.pass_on]
        )  # fmt: skip
        try:
            with transaction.atomic():
                act()
            self.done[act.__name__] += 1
        except (NotEnoughStock, NotHeld):
            self.done[f"{act.__name__} refused"] += 1

    def compare(self) -> None:
        assert queries.check() == []
        reserved: Counter[tuple[int, int]] = Counter()
        for (_, place, product), quantity in self.held.items():
            reserved[place, product] += quantity
        for row in Balance.objects.all():
            assert row.reserved == reserved[row.location_id, row.product_id]
            assert 0 <= row.reserved <= row.on_hand
            assert row.short == 0 or row.on_hand == row.reserved


@pytest.mark.parametrize("seed", range(8))
def test_a_random_history_keeps_the_ledger_and_the_balances_equal(seed):
    """Trap 3: random reserve, release, consume, restore, move and feed; the ledger's sum is the balance, repair is empty."""
    machine = Machine(seed)
    for _ in range(STEPS):
        machine.step()
        if machine.dice.random() < 0.1:
            machine.compare()
    machine.compare()
    for holder in range(1, HOLDERS + 1):
        held = {(h.location_id, h.product_id): h.quantity for h in holdings.read("test", [holder])}
        assert held == {(k[1], k[2]): q for k, q in machine.held.items() if k[0] == holder and q}
    assert [one for one in preview().findings if not isinstance(one, HolderGone)] == []
    assert len({name for name in machine.done if "refused" not in name}) == 8
