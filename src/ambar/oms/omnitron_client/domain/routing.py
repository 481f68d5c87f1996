"""From a call's name to a request: first the name's own entry in `endpoint_conf`, else Omnitron's base URL.

Source: Akinon, "Integrating OMS with Seller Center" (keys and shape of OMNITRON_CLIENT_SETTINGS); time-outs are
milliseconds.
"""

from dataclasses import dataclass, field

from ambar.oms.omnitron_client.domain.endpoints import ENDPOINTS

SELLER_CENTER = "seller_center"
OMNITRON = "omnitron"


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """One `endpoint_conf` entry. `path` None means the table's path."""

    endpoint: str
    base_url: str
    token: str
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSettings:
    """OMNITRON_CLIENT_SETTINGS, checked. Times in milliseconds."""

    username: str
    password: str
    oms_url: str
    base_url: str
    read_ms: int = 6000
    connect_ms: int = 6000
    redirects: dict[str, Redirect] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where one call goes. `token` None means: sign in at `login_url` first."""

    method: str
    url: str
    token: str | None
    login_url: str


def resolve(settings: ClientSettings, name: str, *, pk: int | None = None) -> Route:
    """The request behind `name`; `pk` addresses one record below it. An unknown name is a `KeyError`."""
    endpoint = ENDPOINTS[name]
    redirect = settings.redirects.get(name)
    path = endpoint.path if redirect is None or redirect.path is None else redirect.path.lstrip("/")
    if pk is not None:
        path = f"{path.rstrip('/')}/{pk}/"
    return Route(
        method=endpoint.method,
        url=f"{root(settings, name)}/{path}",
        token=None if redirect is None else with_scheme(redirect.token),
        login_url=f"{settings.base_url.rstrip('/')}/auth/login/",
    )


def root(settings: ClientSettings, name: str) -> str:
    """The address under which a call is answered, without a slash at its end."""
    redirect = settings.redirects.get(name)
    return (settings.base_url if redirect is None else redirect.base_url).rstrip("/")


def source(settings: ClientSettings, name: str) -> str:
    """Which system a call's records come from: "seller_center" when redirected, else "omnitron"."""
    return SELLER_CENTER if name in settings.redirects else OMNITRON


def with_scheme(token: str) -> str:
    """An Authorization value: a token that already names its scheme is sent as it is."""
    return token if " " in token.strip() else f"Token {token.strip()}"
