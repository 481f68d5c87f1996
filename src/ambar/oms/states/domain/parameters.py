"""What a transition row tells its command, as documented (Akinon OMS: Package command parameters).

`sync_remote_order_status` (bool), `remote_bill_fulfillment_call` (bool), `remote_invoice_call` (object): `{"auth":
{"request_type": "anonymous" | "basic_auth" ("username", "password") | "token" ("token", "token_prefix")}, "timeouts":
{"read", "connect"}, "remote_url", "generate_invoice_number", "generate_invoice_url"}`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from ambar.kit.refusals import Invalid
from ambar.oms.states.domain.codes import PackageStatus

INVOICE = "remote_invoice_call"
BILL = "remote_bill_fulfillment_call"
SECRETS = ("password", "token")
LONGEST = 1024
LONGEST_SECONDS = 300
_PACKED, _SHIPPED = str(int(PackageStatus.PACKED)), str(int(PackageStatus.SHIPPED))
_AUTH = {
    "anonymous": {"request_type"},
    "basic_auth": {"request_type", "username", "password"},
    "token": {"request_type", "token", "token_prefix"},
}
_INVOICE_FIELDS = {"auth", "timeouts", "remote_url", "generate_invoice_number", "generate_invoice_url"}


def read_parameters(
    given: Any, *, kind: str, source: str, destination: str, calls: Collection[str] = (BILL, INVOICE)
) -> dict[str, Any]:
    """The parameters of a transition, checked; what may be left out stays left out.

    `calls` are those by which the transition's command asks services outside.

    Raises `Invalid` naming the parameter that is unknown, of the wrong type, or without effect on this transition.
    """
    read: dict[str, Any] = {}
    for name, value in _object(given, "", None).items():
        reader = _READERS.get(name)
        if reader is None:
            known = ", ".join(sorted(_READERS))
            raise _wrong(f"'{name[:60]}' is not a parameter of this version. Known: {known}.")
        if kind != "package" or not _has_effect(name, source, destination):
            raise _wrong(f"{name} has no effect on a {kind} transition from {source} to {destination}.")
        if name in (BILL, INVOICE) and name not in calls:
            raise _wrong(f"{name} has no effect on this command.")
        read[name] = reader(name, value)
    return read


def _has_effect(name: str, source: str, destination: str) -> bool:
    if name == BILL:
        return destination == _PACKED
    if name == INVOICE:
        return destination in (_PACKED, _SHIPPED) or source == destination
    return True


def with_secrets(parameters: Mapping[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """A copy of the parameters with every secret changed (sealed, opened, masked)."""
    call = parameters.get(INVOICE)
    if not isinstance(call, Mapping) or not isinstance(call.get("auth"), Mapping):
        return dict(parameters)
    auth = {name: change(text) if name in SECRETS else text for name, text in call["auth"].items()}
    return {**parameters, INVOICE: {**call, "auth": auth}}


def _boolean(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(f"{name} must be true or false.")
    return value


def _invoice(name: str, value: Any) -> dict[str, Any]:
    call = dict(_object(value, name, _INVOICE_FIELDS))
    generated = [_boolean(f"{name}.{flag}", call.get(flag, False)) for flag in sorted(_INVOICE_FIELDS) if flag.startswith("generate")]  # fmt: skip
    if "remote_url" in call or not all(generated):
        _text(f"{name}.remote_url", call.get("remote_url"))
    auth = _object(call.get("auth", {"request_type": "anonymous"}), f"{name}.auth", None)
    kind = auth.get("request_type")
    if not isinstance(kind, str) or kind not in _AUTH:
        raise _wrong(f"{name}.auth.request_type must be one of anonymous, basic_auth, token.")
    _object(auth, f"{name}.auth", _AUTH[kind])
    for field in sorted(_AUTH[kind] - {"request_type", "token_prefix"} | (set(auth) - {"request_type"})):
        _text(f"{name}.auth.{field}", auth.get(field))
    for field, seconds in _object(call.get("timeouts", {}), f"{name}.timeouts", {"read", "connect"}).items():
        if type(seconds) is not int or not 1 <= seconds <= LONGEST_SECONDS:
            raise _wrong(f"{name}.timeouts.{field} must be whole seconds from 1 to {LONGEST_SECONDS}.")
    return call


def _object(given: Any, name: str, fields: set[str] | None) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise _wrong(f"{name} must be an object." if name else "Must be an object.")
    unknown = sorted(set(given) - fields) if fields is not None else []
    if unknown:
        raise _wrong(f"{name}.{unknown[0][:60]} is not known.")
    return given


def _text(name: str, value: Any) -> None:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST or "\x00" in value:
        raise _wrong(f"{name} must be a text of 1 to {LONGEST} characters.")


def _wrong(message: str) -> Invalid:
    return Invalid(fields={"parameters": [message]})


_READERS: dict[str, Callable[[str, Any], Any]] = {
    "sync_remote_order_status": _boolean,
    BILL: _boolean,
    INVOICE: _invoice,
}
