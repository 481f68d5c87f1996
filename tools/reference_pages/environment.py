"""The first half of `settings.md`: environment variables."""

from __future__ import annotations

import re
from pathlib import Path

from reference_pages import MADE
from reference_pages.markdown import code, table

# What the code can't say by itself. A variable that stands in the code and not here stops the tool.
CONFIG = {
    "debug": "Django's debug pages. Never in production.",
    "home": "Directory of embedded data, logs and the generated key. Default: `.ambar` where the command is run; for root a directory under `/var/lib/ambar/`.",
    "secret_key_value": "",
    "test_server": "URL of the PostgreSQL server that tests use; goes before every other database setting.",
    "test_run": "First part of the test databases' names.",
    "no_database": "`1`: no server at all, for commands that need none (`makemigrations`, `tools/reference.py`).",
    "allow_loss": "`1`: serve and work although the database may lose what it committed (`fsync`, `full_page_writes` or `synchronous_commit` off). For throw-away databases only.",
    "allowed_targets": "`host:port` pairs, separated by commas, that the address guard lets calls and hooks go to although they are loopback or private.",
    "allowed_hosts": "Host names under which the system may be reached, separated by commas.",
    "trusted_origins": "Origins (`https://...`) trusted for forms, separated by commas.",
    "secure_cookies": "`1`: cookies go over HTTPS only. Set it behind TLS.",
    "trust_proxy": "`1`: believe `X-Forwarded-Proto` of a proxy in front.",
    "pool_size": "Most database connections a process holds.",
    "connect_seconds": "How long a process waits for a database connection.",
    "web_threads": "Requests a web process works on at once; `--threads` of `serve` says the same. More wait for their turn.",
    "web_waiting": "Requests that may wait for their turn in a web process. Whoever comes beyond is answered 503 with `Retry-After` at once.",
    "web_wait_seconds": "Longest wait for a turn; then 503 with `Retry-After`.",
    "web_body_seconds": "How long the body of a request may take to arrive, altogether; then 408. `0` = as long as it likes.",
    "body_limit": "Largest request body in bytes; larger ones are answered 413.",
    "log_level": "Level of the log, which is one JSON object per line.",
}
OTHER = {
    "SECRET_KEY": ("made once, kept under the home directory", "Key of sessions and of sealed secrets. All processes of one system need the same. Losing it loses the sealed secrets."),
    "OMS_DATABASE_URL": ("embedded server", "libpq URL of the OMS's database."),
    "SELLER_CENTER_DATABASE_URL": ("embedded server", "libpq URL of the Seller Center's database."),
    "OMNITRON_DATABASE_URL": ("embedded server", "libpq URL of Omnitron's database."),
    "OMS_PORT": ("`8001`", "Port of the OMS in the demo (first start only; later starts keep it)."),
    "SELLER_CENTER_PORT": ("`8002`", "Port of the Seller Center in the demo (first start only)."),
    "OMNITRON_PORT": ("`8003`", "Port of Omnitron in the demo (first start only)."),
    "WEB_RELOAD_SECONDS": ("`10`", "How long a server of several workers that gets SIGHUP waits for each new worker before it stops the old one."),
    "STATIC_ROOT": ("under the home directory", "Where static files are collected and served from."),
    "OUTBOX_CONCURRENCY": ("`32`", "Deliveries in flight per endpoint."),
    "OUTBOX_LEASE_SECONDS": ("`30`", "How long a delivery engine holds what it claimed."),
    "OUTBOX_RATE": ("`0`", "Deliveries per second to one endpoint, of all worker processes together; 0 = no cap. A hook's `config.rate_per_second` lowers it."),
    "OUTBOX_LATER_SECONDS": ("`36000`", "Shortest wait after the eleventh try of a delivery (ten hours)."),
    "OUTBOX_PAUSE_SECONDS": ("`86400`", "An endpoint that failed for so long is paused: only probed, no delivery spends a try."),
    "OUTBOX_KEEP_DAYS": ("`84`", "Days that delivered events are kept."),
    "FAILPOINT": ("", "Test only: the name of a point at which the process ends itself; `name@7` for the seventh time it gets there. See [faults](../explanation/faults.md)."),
    "PORT": ("", "Set by the supervisor: the port of the process's system."),
    "PROCESS": ("", "Set by the supervisor: the process's name."),
    "OMS_URL": ("", "See [cli.md](cli.md)."),
    "OMS_TOKEN": ("", "See [cli.md](cli.md)."),
    "OMNITRON_URL": ("", "See [cli.md](cli.md)."),
    "OMNITRON_USERNAME": ("", "See [cli.md](cli.md)."),
    "OMNITRON_PASSWORD": ("", "See [cli.md](cli.md)."),
    "SELLER_CENTER_URL": ("", "See [cli.md](cli.md)."),
    "SELLER_CENTER_TOKEN": ("", "See [cli.md](cli.md)."),
    "SELLER_CENTER_ADMIN_TOKEN": ("", "See [cli.md](cli.md)."),
    "SUPPLIER_CODE": ("", "See [cli.md](cli.md)."),
    "CARRIER_USERNAME": ("`ambar`", "See [cli.md](cli.md)."),
    "CARRIER_PASSWORD": ("`ambar`", "See [cli.md](cli.md): of the simulated carrier."),
    "ERP_USERNAME": ("", "See [cli.md](cli.md): of the made-up ERP."),
    "ERP_PASSWORD": ("", "See [cli.md](cli.md): of the made-up ERP."),
    "ERP_TOKEN": ("", "See [cli.md](cli.md): of the made-up ERP."),
    "FAKE_TOKEN": ("", "See [cli.md](cli.md): of the fake Seller Center."),
    "FAKE_HOOK_SECRET": ("", "See [cli.md](cli.md): of the fake Seller Center."),
    "FAKE_PUSH_TOKEN": ("", "What the pushes of the fake Seller Center present (`--push-token`)."),
    "FAKE_USERNAME": ("`integration`", "See [cli.md](cli.md): of the fake Omnitron."),
    "FAKE_PASSWORD": ("", "See [cli.md](cli.md): of the fake Omnitron."),
    "HOOK_SECRET": ("", "See [cli.md](cli.md)."),
    "PUSH_TOKEN": ("", "See [cli.md](cli.md)."),
}  # fmt: skip


def page(root: Path) -> str:
    """All environment variables, those found in the code by name included."""
    from ambar.kit.config import Config

    rows = {f"AMBAR_{name}": told for name, told in OTHER.items()}
    for name, field in Config.model_fields.items():
        if CONFIG[name]:
            default = field.default
            shown = (
                ""
                if default in (None, (), False)
                else code(",".join(default) if isinstance(default, tuple) else default)
            )
            rows[f"AMBAR_{name.upper()}"] = (shown, CONFIG[name])
    unexplained = _named(root) - set(rows)
    if unexplained:
        raise SystemExit(
            f"tools/reference_pages/environment.py does not explain {', '.join(sorted(unexplained))}"
        )
    intro = ("Everything that differs between installations is an environment variable of the processes (first part) or an "
             "application setting in the OMS's database (second part).\n")  # fmt: skip
    lines = table(("variable", "default", "what"), ([code(name), *rows[name]] for name in sorted(rows)))
    return "\n".join(["# Settings\n", MADE, intro, "## Environment variables\n", lines, ""])


def _named(root: Path) -> set[str]:
    found = set()
    for file in (root / "src").rglob("*.py"):
        found |= set(re.findall(r"\bAMBAR_[A-Z][A-Z_]*[A-Z]\b", file.read_text()))
    return found
