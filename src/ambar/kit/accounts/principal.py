"""Who is asking, as far as rules and queries care."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .roles import EVERYTHING, bounds_of, holds, scopes_of


class Account(Protocol):
    """What a principal is made of: a row of `accounts_user`."""

    @property
    def pk(self) -> int: ...
    @property
    def username(self) -> str: ...
    @property
    def roles(self) -> list[str]: ...
    @property
    def bounds(self) -> Mapping[str, Any]: ...
    @property
    def is_superuser(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """An authenticated caller.

    :param bounds: what the caller may see, e.g. `{"seller_id": 3}` or `{"location_ids": (1, 2)}`; empty = no bound.
        A role that is bound to something its holder was not given counts as given nothing: `()`.
    :param granted: scopes of the token, when it has its own; the caller holds what both role and token hold.
    :param is_superuser: the user is one, and no token narrows what they may.
    """

    user_id: int
    username: str
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    bounds: Mapping[str, Any] = field(default_factory=dict)
    granted: frozenset[str] | None = None
    token_id: int | None = None
    is_superuser: bool = False

    def may(self, scope: str) -> bool:
        """Whether the caller holds `scope`."""
        if self.granted is not None and not holds(self.granted, scope):
            return False
        return holds(self.scopes, scope)

    @classmethod
    def of(
        cls, user: Account, *, granted: Iterable[str] | None = None, token_id: int | None = None
    ) -> Principal:
        """The principal of a user, e.g. of `request.user` in a screen."""
        scopes = scopes_of(user.roles)
        if user.is_superuser:
            scopes |= {EVERYTHING}
        bounds: dict[str, Any] = dict.fromkeys(() if user.is_superuser else bounds_of(user.roles), ())
        bounds |= {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in (user.bounds or {}).items()
        }
        return cls(
            user_id=user.pk,
            username=user.username,
            roles=frozenset(user.roles),
            scopes=frozenset(scopes),
            bounds=bounds,
            granted=None if granted is None else frozenset(granted),
            token_id=token_id,
            is_superuser=user.is_superuser and granted is None,
        )
