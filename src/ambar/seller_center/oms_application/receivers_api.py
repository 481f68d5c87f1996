"""Receivers of an OMS's package hooks.

Source: "Integrating OMS with Seller Center", step 3; golden messages in `contracts/oms-to-seller-center/`.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ambar.kit import clock, rest
from ambar.kit.gathering import Left
from ambar.kit.outbox import inbox
from ambar.kit.refusals import Invalid
from ambar.kit.rest import strict_json
from ambar.kit.rest.failures import NotSignedIn
from ambar.seller_center.packages.actions.receive_event import Answer, receive_event
from ambar.seller_center.sellers import queries as sellers
from ambar.seller_center.sellers.hook_callers import require_signature, token_caller
from ambar.seller_center.sellers.isolation import seller_of

router = rest.Router(tags=["oms application"])

CREATED = ("package.created",)
STATUSES = ("package.created", "package.status.*", "package.shipment.*")


def _seller_by_signature(request: HttpRequest) -> int:
    """The seller the unsigned body claims; whether the claim holds is checked with that seller's secret."""
    if not any(name in request.headers for name in ("webhook-signature", "X-Whisperer-Signature")):
        raise NotSignedIn()
    try:
        body = strict_json.loads(request.body)
        code = body["payload"]["supplier_code"]
    except (Invalid, KeyError, TypeError, ValueError) as error:
        raise NotSignedIn() from error
    seller_id = sellers.ids_by_code([str(code)]).get(str(code))
    if seller_id is None:
        raise NotSignedIn()
    return seller_id


def _receive(request: HttpRequest, types: tuple[str, ...]) -> Any:
    principal = token_caller(request, "oms:events")
    seller_id = _seller_by_signature(request) if principal is None else seller_of(principal)
    if seller_id is None:
        raise Invalid(fields={"non_field_errors": ["This token belongs to no seller."]})
    code, secret = sellers.hook_identity(seller_id)
    secrets = [secret] if secret else []
    if principal is None:
        require_signature(request, secrets)
    envelope = inbox.verify(request, secrets=secrets)
    claimed = envelope.payload.get("supplier_code")
    if claimed is not None and claimed != code:
        raise Invalid(
            fields={"payload.supplier_code": [f"This token belongs to another supplier than {claimed!r}."]}
        )
    outcome = receive_event(envelope, seller_id=seller_id, types=types, now=clock.now())
    return outcome.then(_told) if isinstance(outcome, Left) else _told(outcome)


def _told(answer: Answer) -> rest.Raw:
    told: dict[str, Any] = {"number": answer.number, "status": answer.status}
    if answer.is_rehearsal:
        told["test"] = True
    return rest.Raw(201 if answer.is_new else 200, told)


@router.post("/packages/")
@rest.public
@rest.receiver
def receive_created(request: HttpRequest) -> Any:
    """`package.created`: 201 for a new package, 200 for a repeat; body `{"number", "status"}`."""
    return _receive(request, CREATED)


@router.post("/packages/update-status/")
@rest.public
@rest.receiver
def receive_status(request: HttpRequest) -> Any:
    """`package.status.*`: an unknown package is made from the event; 201 then, else 200; never 404."""
    return _receive(request, STATUSES)
