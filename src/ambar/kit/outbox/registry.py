"""What the rooms of a system tell the outbox in `AppConfig.ready()`: event types, who is narrowed to what, publishers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ambar.kit.accounts import Principal
from ambar.kit.accounts.roles import EVERYTHING
from ambar.kit.outbox.domain.hook_fields import CONFIG_KEYS
from ambar.kit.refusals import Invalid
from ambar.kit.text import is_digits

Bind = Callable[[Principal], "str | None"]
Publish = Callable[[int, str, int], bool]

_TYPES: dict[str, str] = {}
_SCOPES: list[str] = []
_UNSCOPED: set[str] = set()
_SPARING: set[str] = set()
_BINDINGS: list[Bind] = []
_OVERSEERS: list[Callable[[Principal], bool]] = []
_PUBLISHERS: dict[str, Publish] = {}


def register_event(type: str, kind: str, *, scoped: bool = True) -> None:
    """Makes an event type known, so that hooks can subscribe to it.

    :param type: the name on the wire, e.g. `package.created`.
    :param kind: the kind of record it tells about, e.g. `package`.
    :param scoped: whether its events carry what a hook's `config` may narrow it to (:func:`register_scope`).
    :raises ValueError: the type is already registered with another kind.
    """
    if not scoped:
        _UNSCOPED.add(type)
    if _TYPES.setdefault(type, kind) != kind:
        raise ValueError(f"{type} is already registered for {_TYPES[type]}")


def known_types() -> list[str]:
    """All event types in alphabetical order."""
    return sorted(_TYPES)


def is_known(type: str) -> bool:
    """True when the type was registered."""
    return type in _TYPES


def kind_of(type: str) -> str:
    """The kind of record a registered type tells about."""
    return _TYPES[type]


def known_kinds() -> list[str]:
    """The kinds of records that registered types tell about, in alphabetical order."""
    return sorted(set(_TYPES.values()))


def register_scope(name: str) -> None:
    """Lets a hook's `config` narrow it by this name: `{"channel": 5}` or `{"channel": [5, 6]}` takes only events
    that carry the scope `channel:5` (or `channel:6`)."""
    if name not in _SCOPES:
        _SCOPES.append(name)


def scope_names() -> list[str]:
    """The names by which a hook's `config` may narrow it."""
    return list(_SCOPES)


def is_scoped(type: str) -> bool:
    """Whether events of a type carry what a hook's `config` may narrow it to."""
    return type not in _UNSCOPED


def config_keys() -> list[str]:
    """What a hook's `config` may hold at this system: the keys of every hook and the names that narrow it."""
    return sorted({*CONFIG_KEYS, *_SCOPES, *_SPARING})


def spare_callers() -> None:
    """Lets a hook's `config.caller` name the word of a program that need not hear of its own changes (decision 96): for
    systems that record events with their caller."""
    _SPARING.add("caller")


def bind_hooks(bind: Bind) -> None:
    """Narrows every hook of a bound caller: `bind(principal)` gives the one scope of its events, `None` for everybody's.

    A caller the rule refuses (`Refusal`) can't have hooks.
    """
    _BINDINGS.append(bind)


def oversee(may: Callable[[Principal], bool]) -> None:
    """Besides administrators, callers for whom `may` holds see and change everybody's hooks."""
    _OVERSEERS.append(may)


def sees_all(principal: Principal) -> bool:
    """Whether a caller sees the hooks of others."""
    return EVERYTHING in principal.scopes or any(may(principal) for may in _OVERSEERS)


def scopes_for(principal: Principal, config: Mapping[str, Any]) -> list[str]:
    """What narrows a hook of this caller: the scope it is bound to, else what its `config` asks for.

    :raises Invalid: `config` names something that is not an id or a list of ids.
    """
    for bind in _BINDINGS:
        bound = bind(principal)
        if bound is not None:
            return [bound]
    found = []
    for name in _SCOPES:
        given = config.get(name)
        ids = given if isinstance(given, list) else [] if given is None else [given]
        for one in ids:
            if isinstance(one, str) and is_digits(one) and len(one) < 19:
                one = int(one)
            if isinstance(one, bool) or not isinstance(one, int) or not 0 < one < 2**63:
                raise Invalid(fields={"config": {name: ["Expected an id or a list of ids."]}})
            found.append(f"{name}:{one}")
        if given is not None and not ids:
            raise Invalid(fields={"config": {name: ["Expected an id or a list of ids."]}})
    return sorted(set(found))


def register_publisher(kind: str, publish: Publish) -> None:
    """Lets people send an event of a record as it stands now: `publish(record id, event type, hook id)` records it for
    that one hook and answers whether there is such a record."""
    _PUBLISHERS[kind] = publish


def publisher(kind: str) -> Publish | None:
    """Who records an event of a record of this kind, or `None`."""
    return _PUBLISHERS.get(kind)
