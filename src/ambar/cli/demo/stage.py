"""The stage of a demo: three supervised systems, the people and programs that use them, one HTTP client each."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ambar.cli import systems
from ambar.cli.supervisor import Supervisor
from ambar.cli.wire import Wire

PASSWORD = "admin-demo"  # noqa: S105  of demo data only; no other command sets a default password
INTEGRATION_PASSWORD = "integration-demo"  # noqa: S105

USERS: dict[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "oms": (("admin", PASSWORD, ("admin",)),),
    "seller_center": (("admin", PASSWORD, ("admin",)), ("owner", PASSWORD, ("marketplace_owner",))),
    "omnitron": (("admin", PASSWORD, ("admin",)), ("integration", INTEGRATION_PASSWORD, ("integration",))),
}
"""system module -> (user name, password, roles); `admin` gets the token the demo works with."""


@dataclass(slots=True)
class Stage:
    """Supervised systems and the demo's own tokens, over one home directory.

    A second start over the same home uses the same users, tokens and data.
    """

    home: Path
    ports: dict[str, int]
    on_event: Callable[[str], None] = lambda text: None
    extra_environment: dict[str, str] = field(default_factory=dict)
    web_threads: int = 8
    together: bool = False
    supervisor: Supervisor = field(init=False)
    tokens: dict[str, str] = field(default_factory=dict)
    _wires: dict[tuple[str, str], Wire] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.supervisor = Supervisor(
            home=self.home,
            ports=self.ports,
            on_event=self.on_event,
            extra_environment=self.extra_environment,
            web_threads=self.web_threads,
            together=self.together,
        )

    def url(self, module: str) -> str:
        """The base address of a system, without a trailing slash."""
        return f"http://{systems.LOOPBACK}:{self.ports[module]}"

    def wire(self, module: str, *, token: str | None = None) -> Wire:
        """The stage's client of the system, as its admin unless another token is given; one per system and token."""
        key = module, token or self.tokens[module]
        if key not in self._wires:
            self._wires[key] = Wire(self.url(module), key[1])
        return self._wires[key]

    def start(self) -> Iterator[str]:
        """Starts everything and, at the first start, makes the users; yields a line per step."""
        if self._tokens_path.exists():
            self.tokens = json.loads(self._tokens_path.read_text())
        else:
            self.supervisor.users = {system.module: _wanted(system) for system in systems.SYSTEMS}
        yield from self.supervisor.start()
        if self.supervisor.made_users:
            for module, rows in self.supervisor.made_users.items():
                self.tokens[module] = next(row["token"] for row in rows if "token" in row)
            self._save_tokens()
            yield "users and tokens made"

    def stop(self) -> None:
        self.supervisor.stop()

    def keep_token(self, name: str, token: str) -> None:
        """Remembers a token for later starts over the same home (readable only for the owner)."""
        self.tokens[name] = token
        self._save_tokens()

    def _save_tokens(self) -> None:
        kept = self._tokens_path
        fresh = kept.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(self.tokens))
        fresh.rename(kept)

    @property
    def _tokens_path(self) -> Path:
        return self.home / "tokens.json"


def _wanted(system: systems.System) -> list[dict[str, Any]]:
    """The users of a system as `ensure_users` takes them; `admin` gets a token."""
    return [
        {
            "username": name,
            "password": password,
            "roles": roles,
            "is_superuser": name == "admin",
            "token": "demo" if name == "admin" else None,
        }
        for name, password, roles in USERS[system.module]
    ]


def choose_ports(home: Path) -> dict[str, int]:
    """The ports of an earlier start over this home, else the default ports or free ones where a default is taken.

    Addresses are part of the data (hooks and settings name them), so they stay; that of the carrier, which the demo tells
    the OMS anew, may change.
    """
    kept = home / "ports.json"
    if kept.exists():
        ports: dict[str, int] = json.loads(kept.read_text())
    else:
        ports = {}
        for system in systems.SYSTEMS:
            port = int(os.environ.get(f"AMBAR_{system.module.upper()}_PORT", system.default_port))
            ports[system.module] = port if systems.port_is_free(port) else systems.free_port()
    if "carrier" not in ports or not systems.port_is_free(ports["carrier"]):
        ports["carrier"] = systems.free_port()
    home.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(ports))
    return ports
