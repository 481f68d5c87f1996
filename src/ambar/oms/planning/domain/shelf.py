"""Stock and quota as they shrink while orders are planned one after another against one view."""

from decimal import Decimal

from ambar.oms.planning.domain.values import View

NOTHING: dict[int, Decimal] = {}


class Shelf:
    """The view's figures, less what earlier orders of the same pass took. Nothing here touches the view."""

    __slots__ = ("_journal", "stock", "used", "view")

    def __init__(self, view: View) -> None:
        self.view = view
        self.stock = {product: dict(by_location) for product, by_location in view.stock.items()}
        self.used = dict(view.used)
        self._journal: list[tuple[int, int, Decimal]] = []

    def at(self, product_id: int) -> dict[int, Decimal]:
        """`{location: available}` of a product."""
        return self.stock.get(product_id, NOTHING)

    def take(self, location_id: int, product_id: int, quantity: Decimal) -> None:
        self.stock[product_id][location_id] -= quantity
        self._journal.append((location_id, product_id, quantity))

    def open_package(self, location_id: int) -> None:
        self.used[location_id] = self.used.get(location_id, 0) + 1
        self._journal.append((location_id, 0, Decimal(0)))

    def begin(self) -> None:
        """From here on `undo` gives back."""
        self._journal.clear()

    def undo(self) -> None:
        """Give back everything taken since `begin`."""
        for location_id, product_id, quantity in self._journal:
            if product_id:
                self.stock[product_id][location_id] += quantity
            else:
                self.used[location_id] -= 1
        self._journal.clear()
