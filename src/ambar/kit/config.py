"""Everything that differs from one installation to the next, read from the environment (prefix `AMBAR_`)."""

from __future__ import annotations

import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from . import postgres

Csv = Annotated[tuple[str, ...], NoDecode]


class Config(BaseSettings):
    """The configuration of one process.

    :param home: where embedded data and the generated key live (`AMBAR_HOME`).
    :param allowed_targets: `host:port` pairs that the address guard lets through although they are
        loopback or private (`AMBAR_ALLOWED_TARGETS`, separated by commas).
    :param allowed_hosts: names under which this system is reached (`AMBAR_ALLOWED_HOSTS`).
    :param no_database: no server at all, for commands that need none (`makemigrations`).
    """

    model_config = SettingsConfigDict(env_prefix="AMBAR_", extra="ignore", frozen=True)

    debug: bool = False
    home: Path | None = None
    secret_key_value: str | None = None
    test_server: str | None = None
    test_run: str | None = None
    no_database: bool = False
    allow_loss: bool = False
    allowed_targets: Csv = ()
    allowed_hosts: Csv = ("*",)
    trusted_origins: Csv = ()
    secure_cookies: bool = False
    trust_proxy: bool = False
    pool_size: int = 16
    connect_seconds: float = 2.0
    web_threads: int = 8
    web_waiting: int = 96
    web_wait_seconds: float = 1.0
    web_body_seconds: float = 60.0
    body_limit: int = 10 * 1024 * 1024
    log_level: str = "INFO"

    @field_validator("allowed_targets", "allowed_hosts", "trusted_origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @property
    def data_home(self) -> Path:
        return self.home.resolve() if self.home else postgres.default_home()

    @cached_property
    def secret_key(self) -> str:
        """`AMBAR_SECRET_KEY`, or a key made once and kept readable only for the owner under `home`."""
        given = os.environ.get("AMBAR_SECRET_KEY") or self.secret_key_value
        if given:
            return given
        if self.test_server or self.no_database:
            return "only-for-tests-" + "k" * 40
        return _kept_key(self.data_home / "secret_key")

    def database_url(self, system: str) -> str:
        """The libpq URL of a system's database.

        Order: `AMBAR_TEST_SERVER` (database `<AMBAR_TEST_RUN or "ambar">_<system>`), `AMBAR_<SYSTEM>_DATABASE_URL`,
        the embedded server under `home`, started when it does not answer.
        """
        if self.no_database:
            return "postgresql://nobody@127.0.0.1:1/none"
        if self.test_server:
            return make_conninfo(self.test_server, dbname=f"{self.test_run or 'ambar'}_{system}")
        given = os.environ.get(f"AMBAR_{system.upper()}_DATABASE_URL")
        if given:
            return given
        server = postgres.Server(self.data_home / "postgres").start()
        return server.ensure_database(f"ambar_{system}")

    def database(self, system: str) -> dict[str, Any]:
        """Django's `DATABASES["default"]` for a system."""
        parts = conninfo_to_dict(self.database_url(system))
        options: dict[str, Any] = {
            key: value
            for key, value in parts.items()
            if key not in ("dbname", "user", "password", "host", "port")
        }
        options.setdefault("connect_timeout", max(2, round(self.connect_seconds)))
        options.setdefault("application_name", f"ambar-{system}")
        # Only the cursors of `ambar.kit.prepared` prepare; without a threshold the driver never does.
        options.setdefault("prepare_threshold", 5)
        if not self.no_database:
            options["pool"] = {
                "min_size": 1,
                "max_size": self.pool_size,
                "timeout": self.connect_seconds,
                "reconnect_timeout": 2.0,
            }
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.get("dbname", ""),
            "USER": parts.get("user", ""),
            "PASSWORD": parts.get("password", ""),
            "HOST": parts.get("host", ""),
            "PORT": str(parts.get("port", "")),
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": options,
        }


def _kept_key(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    if not path.exists():
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        temporary.unlink()
    return path.read_text().strip()
