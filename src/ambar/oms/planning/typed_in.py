"""Orders and stock as a person types them in for a dry run: names and codes turned into what the planner asks."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ambar.kit.refusals import Invalid
from ambar.kit.text import is_digits
from ambar.oms.catalogue.models import Channel, Product
from ambar.oms.orders import store as orders
from ambar.oms.orders.domain.claimed import ClaimedLine, ClaimedOrder
from ambar.oms.orders.models import Order as StoredOrder
from ambar.oms.places import queries as place_queries
from ambar.oms.places.domain.naming import LEVELS, NOTHING, Asked, Named
from ambar.oms.planning import asking, seeing, store
from ambar.oms.planning.domain.amounts import thousandths
from ambar.oms.planning.domain.values import Order
from ambar.oms.planning.schemas import DryRun, GivenAddress, GivenStock
from ambar.oms.scenarios.domain.rules import Rules

LIVING = 400


def order_of(body: DryRun, places: seeing.Places, rules: Rules) -> Order:
    """The order to be planned. Raises `Invalid` naming the field that is not known here."""
    claimed = _stored(body.order) if body.order is not None else _typed(body, places)
    if not claimed.lines:
        raise Invalid(fields={"order": [f"Order {claimed.number} has no living line."]})
    products = (
        seeing.products({line.product_id for line in claimed.lines}) if seeing.asks_products(rules) else {}
    )
    excluded = store.excluded([line.id for line in claimed.lines]) if body.order is not None else {}
    asked = asking.read_order(
        claimed,
        claimed.lines,
        known=places,
        channels=seeing.channels({claimed.channel_id}),
        products=products,
        excluded=excluded,
    )
    return asked


def _stored(given: int | str) -> ClaimedOrder:
    rows = StoredOrder.objects.filter(number=str(given)).order_by("-pk").values_list("pk", flat=True)
    found = rows.first()
    if found is None and (isinstance(given, int) or (is_digits(given) and len(given) < 19)):
        found = StoredOrder.objects.filter(pk=int(given)).values_list("pk", flat=True).first()
    if found is None:
        raise Invalid(fields={"order": [f"There is no order with the id or number {given}."]})
    [claimed] = orders.read_orders([found])
    return claimed


def _typed(body: DryRun, places: seeing.Places) -> ClaimedOrder:
    wrong: dict[str, list[str]] = {}
    products = products_of([line.sku for line in body.lines or ()])
    for place, line in enumerate(body.lines or ()):
        if line.sku not in products:
            wrong[f"lines[{place}].sku"] = [f"No product has the SKU {line.sku}."]
    channel_id = _channel(body.channel, wrong)
    ids, latitude, longitude = _position(body.address, wrong)
    pickup = _pickup(body.pickup_location, places, wrong)
    if wrong:
        raise Invalid(fields=wrong)
    address: dict[str, Any] = {} if pickup is None else {"retail_store": pickup}
    return ClaimedOrder(
        id=0,
        source="dry-run",
        number=body.number,
        channel_id=channel_id,
        state=LIVING,
        supplier_code="",
        currency=body.currency,
        amount=body.amount,
        customer={"type": body.customer_type},
        shipping_address=address,
        country_id=ids.get("country"),
        city_id=ids.get("city"),
        township_id=ids.get("township"),
        district_id=ids.get("district"),
        latitude=latitude,
        longitude=longitude,
        cargo_company=body.cargo_company,
        shipping_option_slug=body.shipping_option,
        payment_type=body.payment_type,
        delivery_type=body.delivery_type,
        delivery_range=None,
        date_placed=None,  # type: ignore[arg-type]
        planning_state="new",
        planned_at=None,
        lines=tuple(
            ClaimedLine(
                id=place,
                product_id=products[line.sku],
                sku=line.sku,
                quantity=line.quantity,
                price=Decimal(0),
                state=LIVING,
                attributes=line.attributes,
            )
            for place, line in enumerate(body.lines or (), start=1)
        ),
    )


def products_of(skus: Sequence[str]) -> dict[str, int]:
    """`{sku: product id}` of those that are known."""
    return dict(Product.objects.filter(sku__in=set(skus)).values_list("sku", "pk"))


def _channel(given: int | str | None, wrong: dict[str, list[str]]) -> int:
    if given is None:
        return 0
    rows = Channel.objects.filter(pk=given) if isinstance(given, int) else Channel.objects.filter(name=given)
    found = rows.order_by("pk").values_list("pk", flat=True).first()
    if found is None:
        wrong["channel"] = [f"No channel has the id or name {given}."]
        return 0
    return int(found)


def _position(
    address: GivenAddress | None, wrong: dict[str, list[str]]
) -> tuple[dict[str, int | None], Decimal | None, Decimal | None]:
    if address is None:
        return {}, None, None
    ids: dict[str, int | None] = {}
    latitude, longitude = address.latitude, address.longitude
    names: dict[str, Named] = {}
    for level in ("country", "city", "township", "district"):
        value = getattr(address, level)
        if isinstance(value, int):
            if place_queries.exists(level, value):
                ids[level] = value
            else:
                wrong[f"address.{level}"] = [f"There is no {level} with the id {value}."]
        elif value is not None:
            names[level] = Named(name=value, code=value if level == "country" else None)
    if names and not ids:
        asked = Asked(
            **{level: names.get(level, NOTHING) for level in ("country", "city", "township", "district")}
        )
        [found] = place_queries.resolve("", [asked])
        ids = dict(found.ids)
        if found.unknown is not None:
            level = found.unknown.level
            if level in names:
                wrong[f"address.{level}"] = [f"There is no {level} {found.unknown.name} there."]
            elif names.keys() & LEVELS[LEVELS.index(level) :]:
                wrong[f"address.{level}"] = [f"The {level} is required to find the place by name."]
        if latitude is None:
            latitude, longitude = found.latitude, found.longitude
    elif names:
        level = next(iter(names))
        wrong[f"address.{level}"] = ["Name all places by id, or all by name."]
    return ids, latitude, longitude


def _pickup(code: str | None, places: seeing.Places, wrong: dict[str, list[str]]) -> int | None:
    """The upstream id of the store, as an address names it."""
    if code is None:
        return None
    for place in places.locations.values():
        if place.properties["erp_code"] == code:
            upstream: int | None = place.properties["upstream_id"]
            if upstream is None:
                wrong["pickup_location"] = [f"Location {code} is not a store that customers can name."]
            return upstream
    wrong["pickup_location"] = [f"No location has the ERP code {code}."]
    return None


def stock_of(
    rows: Sequence[GivenStock], product_ids: set[int], places: seeing.Places
) -> Mapping[int, Mapping[int, int]]:
    """Given figures as `{product: {location: available x 1000}}`; what is not given is not there."""
    codes = {place.properties["erp_code"]: place.id for place in places.locations.values()}
    products = products_of([row.sku for row in rows])
    wrong: dict[str, list[str]] = {}
    found: dict[int, dict[int, int]] = {product: {} for product in product_ids}
    for place, row in enumerate(rows):
        if row.erp_code not in codes:
            wrong[f"stock[{place}].erp_code"] = [f"No location has the ERP code {row.erp_code}."]
        if row.sku not in products:
            wrong[f"stock[{place}].sku"] = [f"No product has the SKU {row.sku}."]
        if not wrong:
            column = found.setdefault(products[row.sku], {})
            if codes[row.erp_code] in column:
                wrong[f"stock[{place}]"] = [f"{row.sku} at {row.erp_code} is given twice."]
            column[codes[row.erp_code]] = thousandths(row.available)
    if wrong:
        raise Invalid(fields=wrong)
    return found
