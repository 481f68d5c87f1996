"""Users, hashed tokens with scopes, roles that each system registers, and the audit trail.

This package is imported before Django is ready, so what needs models is loaded on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .principal import Principal
from .roles import ROLES, Role, register_role, scopes_of

if TYPE_CHECKING:
    from .audit import audit
    from .foreign import note_foreign
    from .tokens import authenticate_token, issue_token, revoke_token
    from .users import LoginRefused, check_password, ensure_user

_LATER = {
    "audit": "audit",
    "note_foreign": "foreign",
    "authenticate_token": "tokens",
    "issue_token": "tokens",
    "revoke_token": "tokens",
    "check_password": "users",
    "ensure_user": "users",
    "LoginRefused": "users",
}

__all__ = [
    "ROLES", "LoginRefused", "Principal", "Role", "audit", "authenticate_token", "check_password", "ensure_user",
    "issue_token", "note_foreign", "register_role", "revoke_token", "scopes_of",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _LATER:
        from importlib import import_module

        value = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(name)
