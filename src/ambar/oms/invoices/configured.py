"""The settings of this room: bill services by source of the order, and the prefix of our own numbers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ambar.kit.http import AddressRefused, guard
from ambar.kit.refusals import Invalid
from ambar.oms.app_settings import queries

BILLS = "BILL_FULFILLMENT_SETTINGS"
INVOICES = "INVOICE_SETTINGS"
SECRETS = (("services", "[name]", "auth", "password"), ("services", "[name]", "auth", "token"))
PREFIX = "AMB"
Text = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00]+$")]
Secret = Annotated[str, Field(min_length=1, max_length=1024, pattern=r"^[^\x00]+$")]
Seconds = Annotated[int, Field(ge=1, le=300)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignIn(_Strict):
    """How to sign in, as in `remote_invoice_call`: anonymous, basic_auth (username, password), token (token_prefix)."""

    request_type: Literal["anonymous", "basic_auth", "token"] = "anonymous"
    username: Text | None = None
    password: Secret | None = None
    token: Secret | None = None
    token_prefix: Text | None = None

    @model_validator(mode="after")
    def _what_it_needs(self) -> SignIn:
        wanted = {"anonymous": (), "basic_auth": ("username", "password"), "token": ("token",)}[
            self.request_type
        ]
        given = [name for name in ("username", "password", "token") if getattr(self, name) is not None]
        if sorted(given) != sorted(wanted):
            needs = f"takes {' and '.join(wanted)}" if wanted else "takes nothing more"
            raise ValueError(f"{self.request_type} {needs}")
        return self


class Times(_Strict):
    """Whole seconds."""

    read: Seconds | None = None
    connect: Seconds | None = None


class BillService(_Strict):
    """One service that has bill data. `source` is the orders' source; `channel`, when given, the name of their channel."""

    name: Text
    source: Text
    channel: Text | None = None
    remote_url: Annotated[str, Field(min_length=1, max_length=1024)]
    auth: SignIn = SignIn()
    timeouts: Times = Times()


class BillSettings(_Strict):
    """Who is asked for bill data when a transition says `remote_bill_fulfillment_call`."""

    services: list[BillService] = Field(max_length=100)

    @field_validator("services")
    @classmethod
    def _each_once(cls, value: list[BillService]) -> list[BillService]:
        for what, keys in (
            ("name", [one.name for one in value]),
            ("source and channel", [(one.source, one.channel) for one in value]),
        ):
            if len(set(keys)) < len(keys):
                raise ValueError(f"two services have the same {what}")
        return value


class InvoiceSettings(_Strict):
    """`number_prefix`: how the numbers begin that this system makes, three letters or digits."""

    number_prefix: Annotated[str, Field(pattern=r"^[A-Z0-9]{3}$")] = PREFIX


def check(body: BillSettings) -> None:
    """Beyond the schema: every address may be connected to."""
    for place, service in enumerate(body.services):
        try:
            guard.check(service.remote_url)
        except AddressRefused as refused:
            raise Invalid(
                fields={"json_value": [f"services.{place}.remote_url: {refused.message}"]}
            ) from None


def bill_services() -> list[dict[str, Any]]:
    """The configured services, secrets in clear."""
    return list((queries.value(BILLS) or {}).get("services", []))


def number_prefix() -> str:
    """How our own numbers begin."""
    return str((queries.value(INVOICES) or {}).get("number_prefix", PREFIX))


def own_root() -> str:
    """Where this system is reached from outside, without a final slash; "" when nobody has said so."""
    upstream = queries.value("OMNITRON_CLIENT_SETTINGS") or {}
    return str((upstream.get("urls") or {}).get("oms_url") or "").rstrip("/")
