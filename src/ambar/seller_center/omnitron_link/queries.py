"""Reads of the connection, with its secrets opened only here."""

from __future__ import annotations

from dataclasses import dataclass

from ambar.kit import vault
from ambar.kit.short_memory import remembered
from ambar.seller_center.omnitron_link.models import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class OmnitronConnection:
    """Where the commerce hub answers and as whom we call; times in milliseconds. Holds clear secrets: never log it."""

    root: str
    username: str
    password: str | None
    token: str | None
    read_ms: int
    connect_ms: int

    def __repr__(self) -> str:
        return f"OmnitronConnection(root={self.root!r}, username={self.username!r})"


def api_root(base_url: str) -> str:
    """`https://hub.example` and `https://hub.example/api/v1/` both give `https://hub.example/api/v1`."""
    root = base_url.rstrip("/")
    return root if root.endswith("/api/v1") else root + "/api/v1"


def connection() -> OmnitronConnection | None:
    """The connection as set, or `None` when nobody set one."""
    row = Connection.objects.filter(pk=1).first()
    if row is None:
        return None
    return OmnitronConnection(
        root=api_root(row.base_url),
        username=row.username,
        password=_clear(row.password_sealed),
        token=_clear(row.token_sealed),
        read_ms=row.read_ms,
        connect_ms=row.connect_ms,
    )


@remembered
def hook_secrets() -> tuple[str, ...]:
    """Secrets the hub's hooks may be signed with; empty when none is set."""
    sealed = Connection.objects.filter(pk=1).values_list("hook_secret_sealed", flat=True).first()
    return (vault.open(sealed),) if sealed else ()


def masked() -> dict[str, object]:
    """The settings as the API and screens answer them: every secret masked (decision 18)."""
    row = Connection.objects.filter(pk=1).first()
    if row is None:
        return {"is_set": False}
    return {
        "is_set": True,
        "base_url": row.base_url,
        "username": row.username,
        "password": _masked(row.password_sealed),
        "token": _masked(row.token_sealed),
        "hook_secret": _masked(row.hook_secret_sealed),
        "channel_id": row.channel_id,
        "catalog_id": row.catalog_id,
        "failed_cancellation_reason_id": row.failed_cancellation_reason_id,
        "timeouts": {"read": row.read_ms, "connect": row.connect_ms},
    }


def _clear(sealed: str | None) -> str | None:
    return vault.open(sealed) if sealed else None


def _masked(sealed: str | None) -> str | None:
    return vault.mask(vault.open(sealed)) if sealed else None
