"""The configuration of an inventory engine, as documented (Akinon OMS: "Inventory Engine").

`{"auth": {"type": "anonymous"} | {"type": "basic_auth", "username", "password"} | {"type": "token", "url", "username",
"password"}, "service": {"url", "type": "multiple" | "single"}}`
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ambar.kit.refusals import Invalid

FIELDS = {
    "anonymous": {"type"},
    "basic_auth": {"type", "username", "password"},
    "token": {"type", "url", "username", "password"},
}
SERVICES = ("multiple", "single")
LONGEST = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineConfig:
    """Whom to ask and how; `auth_url` is only there with `auth` "token"."""

    auth: str
    url: str
    service: str
    auth_url: str = ""
    username: str = ""
    password: str = ""

    def stored(self, *, password: str) -> dict[str, Any]:
        """The documented form with the password as given (sealed or masked)."""
        auth = {"type": self.auth, "url": self.auth_url, "username": self.username, "password": password}
        kept = {
            name: auth[name] for name in ("type", "url", "username", "password") if name in FIELDS[self.auth]
        }
        return {"auth": kept, "service": {"url": self.url, "type": self.service}}


def read_config(given: Any) -> EngineConfig:
    """Read a configuration. Raises `Invalid` naming the field that is wrong."""
    whole = _object(given, "config", {"auth", "service"})
    auth, service = (
        _object(whole.get("auth"), "auth", None),
        _object(whole.get("service"), "service", {"url", "type"}),
    )
    kind = auth.get("type")
    if not isinstance(kind, str) or kind not in FIELDS:
        raise _wrong("auth.type", "Must be one of: anonymous, basic_auth, token.")
    _object(auth, "auth", FIELDS[kind])
    if service.get("type") not in SERVICES:
        raise _wrong("service.type", "Must be one of: multiple, single.")
    texts = {name: _text(auth, "auth", name) for name in FIELDS[kind] - {"type"}}
    return EngineConfig(
        auth=kind,
        url=_text(service, "service", "url"),
        service=service["type"],
        auth_url=texts.get("url", ""),
        username=texts.get("username", ""),
        password=texts.get("password", ""),
    )


def _object(given: Any, name: str, fields: set[str] | None) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise _wrong(name, "Must be an object.")
    unknown = sorted(set(given) - fields) if fields is not None else []
    if unknown:
        raise _wrong(f"{name}.{unknown[0]}"[:64], "Unknown field.")
    return given


def _text(given: Mapping[str, Any], name: str, field: str) -> str:
    value = given.get(field)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST or "\x00" in value:
        raise _wrong(f"{name}.{field}", f"Must be a text of 1 to {LONGEST} characters.")
    return value


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(fields={"config": [f"{field}: {message}"]})
