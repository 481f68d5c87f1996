"""Who may do what in Omnitron: integrations and viewers beside the administrator of `kit.accounts`."""

from ambar.kit import accounts

RESOURCES = (
    "channels",
    "places",
    "catalogue",
    "stores",
    "stock",
    "customers",
    "orders",
    "cancellations",
    "integration",
    "hooks",
)

READ = frozenset(f"{noun}:read" for noun in RESOURCES)
WRITE = frozenset(f"{noun}:write" for noun in RESOURCES)

SCOPES: dict[str, frozenset[str]] = {
    "integration": READ | WRITE,
    "viewer": READ,
}

LABELS = {"integration": "Integration", "viewer": "Viewer"}


def register() -> None:
    """Tell the accounts room of the roles; called once when the system starts."""
    for name, scopes in SCOPES.items():
        accounts.register_role(name, set(scopes), LABELS[name])
