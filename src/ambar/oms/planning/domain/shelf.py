"""Stock and quota as they shrink while orders are planned one after another against one view."""

from collections.abc import Mapping

from ambar.oms.planning.domain.amounts import SCALE
from ambar.oms.planning.domain.values import View

Column = Mapping[int, int]


class Shelf:
    """The view's figures, in thousandths, less what earlier orders of the same pass took. The view is left alone.

    `overdrawn` is by location what it uses beyond its quota: below 0 there is some left; no quota counts as none.
    """

    __slots__ = ("_columns", "_journal", "_own", "overdrawn", "used", "view")

    def __init__(self, view: View) -> None:
        self.view = view
        self._columns: dict[int, Column] = {}
        self._own: dict[int, dict[int, int]] = {}
        self.used = dict(view.used)
        self.overdrawn = {
            one.id: self.used.get(one.id, 0) - (one.max_quota or 0) for one in view.locations.values()
        }
        self._journal: list[tuple[int, int, int]] = []

    def at(self, product_id: int) -> Column:
        """`{location: available}` of a product, in thousandths. Don't keep it across a `take`."""
        column = self._columns.get(product_id)
        if column is None:
            column = self.view.thousandths.get(product_id)
            if column is None:
                seen = self.view.stock.get(product_id, {})
                column = {location: int(have * SCALE) for location, have in seen.items()}
            self._columns[product_id] = column
        return column

    def take(self, location_id: int, product_id: int, count: int) -> None:
        own = self._own.get(product_id)
        if own is None:
            own = self._own[product_id] = dict(self.at(product_id))
            self._columns[product_id] = own
        own[location_id] -= count
        self._journal.append((location_id, product_id, count))

    def open_package(self, location_id: int) -> None:
        self.used[location_id] = self.used.get(location_id, 0) + 1
        self.overdrawn[location_id] += 1
        self._journal.append((location_id, 0, 0))

    def begin(self) -> None:
        """From here on `undo` gives back."""
        self._journal.clear()

    def undo(self) -> None:
        """Give back everything taken since `begin`."""
        for location_id, product_id, count in self._journal:
            if product_id:
                self._own[product_id][location_id] += count
            else:
                self.used[location_id] -= 1
                self.overdrawn[location_id] -= 1
        self._journal.clear()
