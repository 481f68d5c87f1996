"""`/api/v1/settings/omnitron/`: the connection to the commerce hub, secrets masked on every read."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.seller_center.omnitron_link import queries
from ambar.seller_center.omnitron_link.actions.issue_hook_token import issue_hook_token
from ambar.seller_center.omnitron_link.actions.set_connection import SetConnection, set_connection
from ambar.seller_center.omnitron_link.schemas import ConnectionIn

router = rest.Router()


@router.get("/settings/omnitron/", tags=["settings"])
@rest.needs("settings:read")
def read_connection(request: HttpRequest) -> dict[str, Any]:
    """The connection as set, with masked secrets."""
    return queries.masked()


@router.put("/settings/omnitron/", tags=["settings"])
@rest.needs("settings:write")
def put_connection(request: HttpRequest, body: ConnectionIn) -> dict[str, Any]:
    """Set the connection; secrets left out stay as they are."""
    values = body.model_dump(exclude={"timeouts"})
    set_connection(
        SetConnection(**values, read_ms=body.timeouts.read, connect_ms=body.timeouts.connect), now=clock.now()
    )
    accounts.audit(request.principal, "set_connection", "omnitron_connection", 1, {"base_url": body.base_url})
    return queries.masked()


@router.post("/settings/omnitron/hook_token/", tags=["settings"])
@rest.needs("settings:write")
def post_hook_token(request: HttpRequest) -> Any:
    """A token for the hub's hooks (`Authorization: Token …`): answered in clear once, never again."""
    token = issue_hook_token()
    accounts.audit(request.principal, "issue_hook_token", "omnitron_connection", 1)
    return rest.Raw(201, {"token": token})
