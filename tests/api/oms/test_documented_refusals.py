"""`docs/howto/troubleshooting.md` quotes messages; here the product says each of them, so that the two can't drift apart."""

from __future__ import annotations

import copy
import json
import os
import re
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ambar.cli.supervisor import Supervisor
from tests.worlds import oms_upstream as world
from tests.worlds.callers import caller
from tests.worlds.invoice_services import PACK, asks
from tests.worlds.oms_records import build, package

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs/howto/troubleshooting.md"
SETTINGS = "/api/v1/oms/settings/application_settings/"
ORDERS = "/api/v1/oms/intake/orders/"
DOCTOR = "/api/v1/oms/doctor/"
HOOKS = "/api/v1/whisperer/hooks/"
SELLER_CENTER = "http://127.0.0.1:8002"
CLIENT = json.loads((world.CONTRACTS / "settings/OMNITRON_CLIENT_SETTINGS.json").read_text())

Said = Callable[[], str]
SAID: dict[str, Said] = {}


def quoted() -> dict[str, str]:
    """Symptom -> message, from the page's tables; a cell's message is its inline code."""
    found = {}
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 3 and cells[1].startswith("`"):
            found[cells[0]] = cells[1].strip("`").strip().replace("\\|", "|")
    return found


def symptom(text: str) -> Callable[[Said], Said]:
    """This is how the product comes to say what the page quotes for the symptom."""

    def keep(says: Said) -> Said:
        SAID[text] = says
        return says

    return keep


@pytest.fixture(autouse=True)
def _nothing_remembered():
    world.forget()
    yield
    world.forget()


def admin() -> world.Caller:
    return world.caller("admin", name="chief")


def settings_with(**changed: object) -> dict[str, object]:
    value = copy.deepcopy(CLIENT)
    value["json_value"]["endpoint_conf"][1].update(changed)
    return value


def refused(body: object) -> str:
    answer = admin().post(SETTINGS, body)
    assert answer.status_code == 400
    return answer.content.decode()


def offered(record: dict[str, object]) -> str:
    """The reason of the verdict on one order."""
    world.teach_places()
    world.configure("SELLER_CENTER_SETTINGS", {"supplier_code": "AMBAR-01"})
    (verdict,) = admin().post(ORDERS, record).json()["verdicts"]
    assert verdict["outcome"] == "quarantined"
    return str(verdict["reason"])


def finding(name: str, *, step: int) -> str:
    """What the doctor says about one thing when the Seller Center knows no token."""
    with world.serving() as upstream:
        os.environ["AMBAR_ALLOWED_TARGETS"] = urlsplit(upstream.base).netloc
        refusal = 401, {"detail": "Invalid token.", "code": "authentication_failed"}
        for path in ("orders", "order_items", "countries", "cities"):
            upstream.routes["GET", f"/api/v1/applications/oms/{path}/"] = lambda query, body: refusal
        world.configure("OMNITRON_CLIENT_SETTINGS", world.client_settings(upstream.base))
        findings = {row["name"]: row for row in admin().get(f"{DOCTOR}?step={step}").json()["findings"]}
        assert findings[name]["ok"] is False
        return str(findings[name]["what"]).replace(upstream.base, SELLER_CENTER)


@symptom("Settings are not JSON")
def _malformed() -> str:
    return refused(b'{"key": "OMNITRON_CLIENT_SETTINGS" "json_value": {}}')


@symptom("An endpoint name is not known")
def _unknown_endpoint() -> str:
    return refused(settings_with(endpoint="ordres"))


@symptom("An endpoint is listed twice")
def _twice() -> str:
    return refused(settings_with(endpoint="cities"))


@symptom("A `{base_url}` was left in the settings")
def _unresolved() -> str:
    return refused(settings_with(base_url="{base_url}/api/v1/applications/oms"))


@symptom("The settings exist already")
def _already_set() -> str:
    world.configure("OMNITRON_CLIENT_SETTINGS", CLIENT["json_value"])
    return refused(CLIENT)


@symptom("A settings key is not known")
def _unknown_key() -> str:
    return refused({"key": "OMNITRON_SETTINGS", "json_value": {}})


@symptom("The OMS does not know the token")
def _wrong_token() -> str:
    answer = world.Caller("not-a-token").get(DOCTOR)
    assert answer.status_code == 401
    return answer.content.decode()


@symptom("The token does not cover this")
def _scope() -> str:
    answer = world.caller("planner").get(SETTINGS)
    assert answer.status_code == 403
    return answer.content.decode()


@symptom("The Seller Center does not know the OMS's token")
def _wrong_seller_center_token() -> str:
    return finding("endpoint.orders", step=2)


@symptom("An order is malformed")
def _malformed_order() -> str:
    return offered(world.order(1, amount="twelve"))


@symptom("An order names a district the OMS does not know")
def _unknown_district() -> str:
    return offered(world.moved(world.order(1), "district", "Yeni Mah", 99))


@symptom("A hook points at a private address")
def _private_hook() -> str:
    answer = admin().post(HOOKS, {"event_type": "package.created", "target_url": "http://10.0.0.5:8002/api/v1/applications/oms/packages/", "retry_countdown_config": {"choice": "exponential", "kwargs": {"base": 2, "limit": 3600}}})  # fmt: skip
    assert answer.status_code == 400
    return answer.content.decode()


@symptom("A hook is registered already")
def _hook_twice(url: str = "http://127.0.0.1:8002/api/v1/applications/oms/packages/") -> str:
    os.environ["AMBAR_ALLOWED_TARGETS"] = "127.0.0.1:8002"
    body = {"event_type": "package.created", "target_url": url, "retry_countdown_config": {"choice": "exponential", "kwargs": {"base": 2, "limit": 3600}}}  # fmt: skip
    chief = admin()
    assert chief.post(HOOKS, body).status_code == 201
    answer = chief.post(HOOKS, body)
    assert answer.status_code == 406
    return answer.content.decode()


@symptom("Packages do not come to the Seller Center: no hook")
def _no_hook() -> str:
    return finding("package_hook.package.created", step=3)


@symptom("A setup step is asked for before the settings are written")
def _not_configured() -> str:
    answer = admin().get("/api/v1/oms/setup/products/is_required/")
    assert answer.status_code == 406
    return answer.content.decode()


@symptom("A port is taken")
def _port_taken() -> str:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        home = Path("/nowhere/.ambar")
        supervisor = Supervisor(home=home, ports={"oms": port, "seller_center": 0, "omnitron": 0})
        with pytest.raises(RuntimeError) as refusal:
            supervisor._refuse_taken_ports(seconds=0)
        return str(refusal.value).replace(str(port), "8001").replace(str(home), ".ambar")


@symptom("A package is not packed: its invoice could not be had")
def _no_invoice() -> str:
    asks(PACK, remote_invoice_call={"remote_url": "http://127.0.0.1:8005/invoices"})
    made = package(build())
    return caller("planner").post(f"/packages/{made.id}/command/", {"slug": PACK}).content.decode()


@pytest.mark.parametrize("text", SAID)
def test_the_product_says_what_the_page_quotes(text, monkeypatch):
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", "")
    assert quoted()[text] == SAID[text]()


def test_every_quoted_message_is_said_by_something():
    """Messages of programs around the product are looked for in the file that says them."""
    elsewhere = {
        "No browser test runs": ROOT / "tests/ui/conftest.py",
        "PostgreSQL does not start under the demo": ROOT / "src/ambar/cli/supervisor.py",
    }
    page = quoted()
    assert set(page) == set(SAID) | set(elsewhere)
    for name, file in elsewhere.items():
        fixed = page[name].split("…")[0].split("/usr/")[0]
        assert len(fixed) > 15 and fixed in file.read_text()
