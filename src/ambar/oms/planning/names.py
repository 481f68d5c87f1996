"""What people call the locations and products that a decision speaks of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ambar.oms.catalogue.models import Product
from ambar.oms.locations.models import StockLocation
from ambar.oms.planning.domain.counterfactual import Counterfactual


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Location names and SKUs by id."""

    locations: Mapping[int, str] = field(default_factory=dict)
    products: Mapping[int, str] = field(default_factory=dict)


def names_in(why_not: Collection[Counterfactual]) -> Names:
    """The present names of what these sentences speak of. Two statements."""
    changes = [one.change or {} for one in why_not]
    places = StockLocation.objects.filter(pk__in={one.location for one in why_not})
    products = Product.objects.filter(pk__in={change["product"] for change in changes if "product" in change})
    return Names(
        locations=dict(places.values_list("pk", "name")), products=dict(products.values_list("pk", "sku"))
    )
