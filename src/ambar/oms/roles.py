"""Who may do what in the OMS: the roles beside `admin` and their scopes (decision 10: people by session, programs by token)."""

from ambar.kit import accounts

READING = (
    "orders",
    "packages",
    "transfers",
    "shipments",
    "invoices",
    "locations",
    "stock",
    "places",
    "catalogue",
    "states",
    "scenarios",
    "planning",
    "intake",
    "setup",
    "doctor",
    "settings",
    "hooks",
    "users",
    "handover",
)

READ = frozenset(f"{noun}:read" for noun in READING)
COMMAND = frozenset(f"{noun}:command" for noun in ("packages", "transfers", "shipments", "cancellations"))

SCOPES: dict[str, frozenset[str]] = {
    "planner": (READ - {"users:read", "settings:read", "hooks:read"})
    | COMMAND
    | {
        "scenarios:write",
        "planning:write",
        "locations:write",
        "stock:write",
        "intake:write",
        "handover:write",
    },
    "location_operator": frozenset(
        {"orders:read", "packages:read", "transfers:read", "shipments:read", "locations:read", "stock:read"}
    )
    | {"states:read"}
    | COMMAND,
    "order_source": frozenset({"intake:write"}),
    "integration": READ - {"users:read"}
    | COMMAND
    | {
        "intake:write",
        "handover:write",
        "stock:write",
        "locations:write",
        "hooks:write",
        "settings:write",
        "setup:write",
        "scenarios:write",
        "states:write",
        "doctor:write",
    },
}

LABELS = {
    "planner": "Planner",
    "location_operator": "Location operator",
    "order_source": "Order source",
    "integration": "Integration",
}

BOUNDS = {"location_operator": "location_ids"}
"""Role → what its holders are bound to."""


def register() -> None:
    """Tell the accounts room of the roles; called once when the system starts."""
    for name, scopes in SCOPES.items():
        accounts.register_role(name, set(scopes), LABELS[name], bound=BOUNDS.get(name))
