"""SELECT_BY_STOCK: the fullest first, counting the products the rule may place."""

from decimal import Decimal

from ambar.oms.planning.domain.selectors.shape import Selector, Situation, Value
from ambar.oms.planning.domain.values import Location

ZERO = Decimal(0)


def _value(situation: Situation) -> Value:
    columns = [situation.shelf.at(product) for product in situation.products]

    def units(location: Location) -> Decimal:
        return -sum((column.get(location.id, ZERO) for column in columns), ZERO)

    return units


SELECT_BY_STOCK = Selector(name="SELECT_BY_STOCK", value=_value)
