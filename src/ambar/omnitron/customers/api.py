"""Endpoints of customers and addresses, plain and under `channel/{c}/`."""

from typing import Any

from ambar.kit import clock, rest
from ambar.kit.refusals import Invalid, NotFound
from ambar.omnitron import filters, wire
from ambar.omnitron.channels.models import Channel
from ambar.omnitron.channels.queries import channel_or_404
from ambar.omnitron.customers import queries, schemas
from ambar.omnitron.customers.actions.add_address import AddressExists, add_address
from ambar.omnitron.customers.actions.save_customer import save_customer
from ambar.omnitron.customers.models import Address, Customer

router = rest.Router()

CUSTOMERS = rest.Filters(
    {
        "channel": filters.keys("channel_id"),
        "email": filters.exact("email"),
        "email__exact": filters.exact("email"),
        "phone_number": filters.exact("phone_number"),
        "phone_number__exact": filters.exact("phone_number"),
        "channel_code": filters.exact("channel_code"),
        "erp_code": filters.exact("erp_code"),
        "is_active": filters.boolean("is_active"),
        **filters.common(),
    }
)
ADDRESSES = rest.Filters(
    {
        "hash_data": filters.exact("hash_data"),
        "customer": filters.keys("customer_id"),
        "city": filters.keys("city_id"),
        "township": filters.keys("township_id"),
        "address_type": filters.exact("address_type"),
        "remote_id": filters.exact("remote_id"),
        "is_active": filters.boolean("is_active"),
        **filters.common(),
    }
)


def _customers(channel_id: int | None) -> Any:
    if channel_id is None:
        return Customer.objects.all()
    return Customer.objects.filter(channel_id=channel_or_404(channel_id).pk)


def _customer(pk: int, channel_id: int | None) -> Customer:
    row: Customer | None = _customers(channel_id).filter(pk=pk).first()
    if row is None:
        raise NotFound()
    return row


def _listed_customers(request: Any, channel_id: int | None) -> Any:
    return rest.page(
        request,
        _customers(channel_id),
        lambda rows: [queries.customer_json(row) for row in rows],
        filters=CUSTOMERS,
        max_limit=wire.MAX_LIMIT,
        sort={**filters.SORT, "email": "email"},
    )


def _create_customer(body: schemas.CustomerIn, channel_id: int) -> Any:
    values = body.model_dump(exclude_unset=True)
    values["channel_id"] = channel_id
    values.pop("channel", None)
    return rest.Raw(201, queries.customer_json(save_customer(Customer(), values, now=clock.now())))


@router.get("/customers/")
@rest.needs("customers:read")
def customers(request: Any) -> Any:
    """Customers by page, of all channels."""
    return _listed_customers(request, None)


@router.post("/customers/")
@rest.needs("customers:write")
def create_customer(request: Any, body: schemas.CustomerIn) -> Any:
    """Adds a customer of the named `channel`: 201."""
    if body.channel is None or not Channel.objects.filter(pk=body.channel).exists():
        raise Invalid(fields={"channel": [f'Invalid pk "{body.channel}" - object does not exist.']})
    return _create_customer(body, body.channel)


@router.get("/customers/{int:pk}/")
@rest.needs("customers:read")
def customer(request: Any, pk: int) -> Any:
    """One customer."""
    return queries.customer_json(_customer(pk, None))


@router.patch("/customers/{int:pk}/")
@rest.needs("customers:write")
def patch_customer(request: Any, pk: int, body: schemas.CustomerPatch) -> Any:
    """Changes the given fields of a customer; the others stay."""
    row = save_customer(_customer(pk, None), body.model_dump(exclude_unset=True), now=clock.now())
    return queries.customer_json(row)


@router.get("/channel/{int:channel_id}/customers/")
@rest.needs("customers:read")
def channel_customers(request: Any, channel_id: int) -> Any:
    """Customers of this channel by page."""
    return _listed_customers(request, channel_id)


@router.post("/channel/{int:channel_id}/customers/")
@rest.needs("customers:write")
def create_channel_customer(request: Any, channel_id: int, body: schemas.CustomerIn) -> Any:
    """Adds a customer of this channel: 201."""
    return _create_customer(body, channel_or_404(channel_id).pk)


@router.get("/channel/{int:channel_id}/customers/{int:pk}/")
@rest.needs("customers:read")
def channel_customer(request: Any, channel_id: int, pk: int) -> Any:
    """One customer; 404 when it belongs to another channel."""
    return queries.customer_json(_customer(pk, channel_id))


@router.patch("/channel/{int:channel_id}/customers/{int:pk}/")
@rest.needs("customers:write")
def patch_channel_customer(request: Any, channel_id: int, pk: int, body: schemas.CustomerPatch) -> Any:
    """Changes the given fields of a customer of this channel; the others stay."""
    row = save_customer(_customer(pk, channel_id), body.model_dump(exclude_unset=True), now=clock.now())
    return queries.customer_json(row)


def _addresses(channel_id: int | None) -> Any:
    if channel_id is None:
        return Address.objects.all()
    return Address.objects.filter(customer__channel_id=channel_or_404(channel_id).pk)


def _listed_addresses(request: Any, channel_id: int | None) -> Any:
    return rest.page(
        request,
        _addresses(channel_id),
        lambda rows: [queries.address_json(row) for row in rows],
        filters=ADDRESSES,
        max_limit=wire.MAX_LIMIT,
        sort=filters.SORT,
    )


def _address(pk: int, channel_id: int | None) -> Any:
    row = _addresses(channel_id).filter(pk=pk).first()
    if row is None:
        raise NotFound()
    return queries.address_json(row)


def _add_address(body: schemas.AddressIn, channel_id: int | None) -> Any:
    if channel_id is not None and not _customers(channel_id).filter(pk=body.customer).exists():
        raise Invalid(fields={"customer": [f'Invalid pk "{body.customer}" - object does not exist.']})
    try:
        row = add_address(body.model_dump(), now=clock.now())
    except AddressExists as refusal:
        # Public clients read the first word of this text; the value must be a string, not a list.
        return rest.Raw(400, {"non_field_errors": refusal.message})
    return rest.Raw(201, queries.address_json(row))


@router.get("/addresses/")
@rest.needs("customers:read")
def addresses(request: Any) -> Any:
    """Addresses of customers by page."""
    return _listed_addresses(request, None)


@router.post("/addresses/")
@rest.needs("customers:write")
def create_address(request: Any, body: schemas.AddressIn) -> Any:
    """Adds an address of a customer: 201. The same address twice is refused with 400 `non_field_errors`."""
    return _add_address(body, None)


@router.get("/addresses/{int:pk}/")
@rest.needs("customers:read")
def address(request: Any, pk: int) -> Any:
    """One address."""
    return _address(pk, None)


@router.get("/channel/{int:channel_id}/addresses/")
@rest.needs("customers:read")
def channel_addresses(request: Any, channel_id: int) -> Any:
    """Addresses of this channel's customers by page."""
    return _listed_addresses(request, channel_id)


@router.post("/channel/{int:channel_id}/addresses/")
@rest.needs("customers:write")
def create_channel_address(request: Any, channel_id: int, body: schemas.AddressIn) -> Any:
    """Adds an address of a customer of this channel: 201."""
    return _add_address(body, channel_id)


@router.get("/channel/{int:channel_id}/addresses/{int:pk}/")
@rest.needs("customers:read")
def channel_address(request: Any, channel_id: int, pk: int) -> Any:
    """One address; 404 when its customer belongs to another channel."""
    return _address(pk, channel_id)
