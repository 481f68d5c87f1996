"""What every system has: endpoints, OpenAPI documents, roles, event types."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

from reference_pages import MADE
from reference_pages.markdown import code, first_line, table

TITLES = {"oms": "OMS", "seller_center": "Seller Center", "omnitron": "Omnitron"}


def file_name(system: str) -> str:
    """A system as it stands in file names."""
    return system.replace("_", "-")


def apis(system: str) -> list[tuple[str, str, Any]]:
    """(suffix of the file, address prefix, API) of each API of a system."""
    module = import_module(f"ambar.{system}.api")
    found = [("", "/api/v1", module.api)]
    if system == "seller_center":
        found += [
            ("-oms-application", "/api/v1/applications/oms", module.oms_application),
            ("-i2", "/api/i2", module.i2),
        ]
    return found


def pages(system: str) -> dict[str, str]:
    """Endpoints, OpenAPI documents, and this system's part of the joined pages."""
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018  loads the URLs: the routes are complete from here on
    made = {
        f"endpoints-{file_name(system)}.md": endpoints_page(system),
        "roles.md": roles_part(),
        "events.md": events_part(),
    }
    for suffix, prefix, api in apis(system):
        document = api.get_openapi_schema(path_prefix=f"{prefix}/")
        text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True, default=str)
        made[f"openapi/{file_name(system)}{suffix}.json"] = text + "\n"
    return made


def endpoints_page(system: str) -> str:
    """Method, path, scope and purpose of every endpoint."""
    from ambar.kit import rest

    parts = [f"# Endpoints of {TITLES[system]}\n", MADE]
    parts.append("Scope: what the caller's token or session must hold (several: one of them). "
                 "`public` asks for no credentials, `signed in` for any. Roles and their scopes: [roles.md](roles.md).\n")  # fmt: skip
    for suffix, prefix, api in apis(system):
        document = f"openapi/{file_name(system)}{suffix}.json"
        parts.append(
            f"## {api.title}: `{prefix}/`\n\nOpenAPI: [{document}]({document}); served at `{prefix}/docs/`.\n"
        )
        rows = sorted(
            (
                f"{prefix}{_plain(endpoint.path)}",
                endpoint.method,
                ", ".join(endpoint.scopes),
                first_line(endpoint.view),
            )
            for endpoint in rest.endpoints(api)
        )
        parts.append(
            table(
                ("method", "path", "scope", "what"), ([code(m), code(p), code(s), d] for p, m, s, d in rows)
            )
        )
    return "\n".join(parts)


def _plain(path: str) -> str:
    for kind in ("int", "str", "uuid", "path", "slug"):
        path = path.replace(f"{{{kind}:", "{")
    return path


def roles_part() -> str:
    """Roles with their scopes."""
    from ambar.kit.accounts import ROLES

    rows = (
        [code(role.name), role.label, " ".join(code(s) for s in sorted(role.scopes))]
        for _, role in sorted(ROLES.items())
    )
    return table(("role", "name", "scopes"), rows)


def events_part() -> str:
    """Event types that hooks can subscribe to."""
    from ambar.kit.outbox import registry

    kinds = registry._TYPES
    if not kinds:
        return "None: it sends no events.\n"
    return table(
        ("event type", "tells about"), ([code(name), kinds[name]] for name in registry.known_types())
    )
