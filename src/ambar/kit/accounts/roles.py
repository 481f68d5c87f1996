"""Roles: named sets of scopes. Each system registers its own in `AppConfig.ready()`."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

EVERYTHING = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role: `scopes` like `packages:read`; `*` holds everything, `packages:*` everything of packages.

    `bound` names what a holder is bound to, e.g. `location_ids`: whoever holds the role without it sees nothing.
    """

    name: str
    scopes: frozenset[str]
    label: str
    bound: str | None = None


ROLES: dict[str, Role] = {}


def register_role(name: str, scopes: Set[str], label: str = "", *, bound: str | None = None) -> Role:
    """Makes a role known; the same name with other scopes or another bound is a programming error.

    :raises ValueError: the name is taken by a different role.
    """
    role = Role(name=name, scopes=frozenset(scopes), label=label or name, bound=bound)
    known = ROLES.get(name)
    if known is not None and (known.scopes, known.bound) != (role.scopes, role.bound):
        raise ValueError(f"role {name} is already registered with other scopes")
    ROLES[name] = role
    return role


def scopes_of(names: Iterable[str]) -> frozenset[str]:
    """All scopes of the roles; unknown names give none."""
    found: set[str] = set()
    for name in names:
        if name in ROLES:
            found |= ROLES[name].scopes
    return frozenset(found)


def bounds_of(names: Iterable[str]) -> frozenset[str]:
    """What holders of these roles are bound to; nothing as soon as one of the roles knows no bound."""
    bounds = {ROLES[name].bound for name in names if name in ROLES}
    return frozenset() if None in bounds else frozenset(bound for bound in bounds if bound is not None)


def holds(scopes: Set[str], wanted: str) -> bool:
    """Whether `scopes` cover `wanted`, wildcards counted."""
    return EVERYTHING in scopes or wanted in scopes or f"{wanted.partition(':')[0]}:*" in scopes


register_role("admin", {EVERYTHING}, "Administrator")
