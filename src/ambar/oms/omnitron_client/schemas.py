"""Wire shape of OMNITRON_CLIENT_SETTINGS."""

from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ambar.oms.omnitron_client.domain.endpoints import ENDPOINTS
from ambar.oms.omnitron_client.domain.routing import ClientSettings, Redirect


def checked_url(value: str) -> str:
    """An absolute http(s) URL without unresolved `{...}`."""
    if "{" in value or "}" in value:
        raise ValueError("braces are not resolved; write the real address")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an absolute http or https address")
    if parts.username or parts.query or parts.fragment:
        raise ValueError("must not carry credentials, a query or a fragment")
    return value


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class AuthBody(_Strict):
    username: str = Field(min_length=1, max_length=254)
    password: str = Field(min_length=1, max_length=1024)


class TokenBody(_Strict):
    token: str = Field(min_length=1, max_length=1024)


class UrlsBody(_Strict):
    oms_url: str
    base_url: str

    _urls = field_validator("oms_url", "base_url")(checked_url)


class TimeoutsBody(_Strict):
    """Milliseconds."""

    read: int = Field(default=6000, ge=100, le=600_000)
    connect: int = Field(default=6000, ge=100, le=600_000)


class RedirectBody(_Strict):
    endpoint: str
    base_url: str
    auth: TokenBody
    path: str | None = Field(default=None, min_length=1, max_length=255)

    _url = field_validator("base_url")(checked_url)

    @field_validator("endpoint")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in ENDPOINTS:
            raise ValueError(f'"{value}" is not a known endpoint name; known: {", ".join(ENDPOINTS)}')
        return value


class ClientSettingsBody(_Strict):
    """OMNITRON_CLIENT_SETTINGS exactly as the public set-up page prints it."""

    auth: AuthBody
    urls: UrlsBody
    timeouts: TimeoutsBody = TimeoutsBody()
    endpoint_conf: list[RedirectBody] = Field(default_factory=list)

    @field_validator("endpoint_conf")
    @classmethod
    def _once(cls, value: list[RedirectBody]) -> list[RedirectBody]:
        names = [entry.endpoint for entry in value]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"listed twice: {', '.join(twice)}")
        return value


def to_settings(value: dict[str, Any]) -> ClientSettings:
    """The stored JSON (secrets in clear) as the domain's settings."""
    body = ClientSettingsBody.model_validate(value)
    return ClientSettings(
        username=body.auth.username,
        password=body.auth.password,
        oms_url=body.urls.oms_url,
        base_url=body.urls.base_url,
        read_ms=body.timeouts.read,
        connect_ms=body.timeouts.connect,
        redirects={
            entry.endpoint: Redirect(
                endpoint=entry.endpoint, base_url=entry.base_url, token=entry.auth.token, path=entry.path
            )
            for entry in body.endpoint_conf
        },
    )
