"""What the integration is told, and what it tells back."""

from __future__ import annotations

from dataclasses import dataclass, field

from ambar.oms.upstream.domain import statuses

REDIRECTED = (
    "order_item_bulk_update",
    "orders",
    "orderitem_set",
    "cancellation_plans",
    "countries",
    "countries_count",
    "countries_with_code",
    "cities",
    "townships",
    "townships_count",
    "districts",
    "districts_count",
)
OMNITRON_EVENTS = (
    "cancellation_plan.created",
    "cancellation_plan.updated",
    "order.created",
    "order.updated",
    "retail_store.created",
    "retail_store.updated",
)
PACKAGE_CREATED = "package.created"
PACKAGE_STATUSES = (
    "package.status.preparing",
    "package.status.packed",
    "package.status.delivered",
    "package.status.shipped",
    "package.status.packed_for_refund",
    "package.status.out_of_stock",
    "package.status.ready_for_customer_pickup",
    "package.status.cancelled",
)
PUSHED = {
    "order.created": "oms/orders-webhook/",
    "order.updated": "oms/orders-webhook/",
    "cancellation_plan.created": "oms/cancellation_plan/",
    "cancellation_plan.updated": "oms/cancellation_plan/",
}
"""What a Seller Center may push, and the receiver at the OMS."""
APPLICATION = "applications/oms"
DEFAULT_FILTERS: tuple[dict[str, object], ...] = (
    {
        "name": "approved orders only",
        "condition": {"field": "status", "op": "in", "value": ["400", "450"]},
    },
)
DEFAULT_STATUS_MAP = {str(state): str(code) for state, code in statuses.DEFAULT_MAP.items()}
BASIC_SETUP = ("channels", "addresses", "stock_locations", "products", "stocks")


class CouldNotIntegrate(Exception):
    """A step that can't be done; the text says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing done. `outcome`: "done" (changed something), "already" (nothing to do) or "warning"."""

    name: str
    outcome: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationPlan:
    """The three systems and the seller. URLs are roots (`http://host:port`) or end in `/api/v1`.

    `default_location` is the ERP code of the starter scenario's default location (any, when None). Times in seconds,
    except the two time-outs, which are milliseconds as in the settings they go into. `push_token` is a token of this OMS
    with the scope intake:write that the Seller Center pushes orders with; without one they are only pulled.
    """

    oms_url: str
    oms_token: str
    omnitron_url: str
    omnitron_username: str
    omnitron_password: str
    seller_center_url: str
    seller_center_token: str
    supplier_code: str
    hook_secret: str | None = None
    push_token: str | None = None
    cargo_company_map: dict[str, str] = field(default_factory=dict)
    default_cargo_company: str | None = None
    order_filters: tuple[dict[str, object], ...] = DEFAULT_FILTERS
    status_map: dict[str, str] = field(default_factory=lambda: dict(DEFAULT_STATUS_MAP))
    poll_seconds: float = 1
    read_ms: int = 6000
    connect_ms: int = 6000
    scenario_name: str = "Nearest location with stock"
    default_location: str | None = None
    setup_seconds: float = 600

    @property
    def oms(self) -> str:
        """The OMS's API root."""
        return api_root(self.oms_url)

    @property
    def omnitron(self) -> str:
        """Omnitron's API root."""
        return api_root(self.omnitron_url)

    @property
    def seller_center(self) -> str:
        """The Seller Center's API root."""
        return api_root(self.seller_center_url)


def api_root(url: str) -> str:
    """`http://host:port` or `http://host:port/api/v1` as `http://host:port/api/v1`."""
    plain = url.rstrip("/")
    return plain if plain.endswith("/api/v1") else f"{plain}/api/v1"


def receivers_root(url: str) -> str | None:
    """`…/applications/oms` of a package hook's target; None when it leads to no Seller Center's receivers."""
    root, found, _ = url.partition(f"/{APPLICATION}/packages/")
    return f"{root}/{APPLICATION}" if found else None


def client_settings(plan: IntegrationPlan) -> dict[str, object]:
    """OMNITRON_CLIENT_SETTINGS exactly in the shape of the public page."""
    entry = {"base_url": f"{plan.seller_center}/{APPLICATION}", "auth": {"token": plan.seller_center_token}}
    return {
        "auth": {"username": plan.omnitron_username, "password": plan.omnitron_password},
        "urls": {"oms_url": plan.oms, "base_url": plan.omnitron},
        "timeouts": {"read": plan.read_ms, "connect": plan.connect_ms},
        "endpoint_conf": [{"endpoint": name, **entry} for name in REDIRECTED],
    }


def seller_center_settings(plan: IntegrationPlan) -> dict[str, object]:
    """SELLER_CENTER_SETTINGS: what step four of the public page lists."""
    value: dict[str, object] = {
        "supplier_code": plan.supplier_code,
        "order_filters": list(plan.order_filters),
        "status_map": plan.status_map,
        "shipping": {"cargo_company_map": plan.cargo_company_map, "default": plan.default_cargo_company},
        "poll_seconds": plan.poll_seconds,
    }
    if plan.hook_secret:
        value["hook_secret"] = plan.hook_secret
    return value


def left_open(plan: IntegrationPlan) -> frozenset[str]:
    """Keys of the two settings for which the plan only has its defaults: where they are set already they stay."""
    says = {
        name for names in _CHOSEN_BY.values() for name in names if getattr(plan, name) != getattr(_BARE, name)
    }
    return frozenset(key for key, names in _CHOSEN_BY.items() if not says & names)


_BARE = IntegrationPlan(
    oms_url="", oms_token="", omnitron_url="", omnitron_username="", omnitron_password="", seller_center_url="",
    seller_center_token="", supplier_code="",
)  # fmt: skip
_CHOSEN_BY = {
    "order_filters": {"order_filters"},
    "status_map": {"status_map"},
    "poll_seconds": {"poll_seconds"},
    "timeouts": {"read_ms", "connect_ms"},
}


def pushed_hooks(plan: IntegrationPlan) -> dict[str, str]:
    """Target URL, at the OMS, of each of the four hooks a Seller Center may have for it."""
    return {event: f"{plan.oms}/{path}" for event, path in PUSHED.items()}


def package_hooks(plan: IntegrationPlan) -> dict[str, str]:
    """Target URL of each of the nine package hooks."""
    root = f"{plan.seller_center}/{APPLICATION}/packages"
    return {PACKAGE_CREATED: f"{root}/", **dict.fromkeys(PACKAGE_STATUSES, f"{root}/update-status/")}
