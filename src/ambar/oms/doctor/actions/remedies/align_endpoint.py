"""Give an entry of `endpoint_conf` the address and token that work for the others, or those a person gives."""

from __future__ import annotations

from typing import Any

from ambar.oms.doctor.actions.remedies import stored_settings
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.domain.mended import Given, Mended, done, failed, needs
from ambar.oms.doctor.visit import CLIENT_KEY, Visit
from ambar.oms.omnitron_client.domain.endpoints import ENDPOINTS
from ambar.oms.setup.integration_plan import APPLICATION, api_root


def align_endpoint(visit: Visit, finding: Finding, given: Given) -> Mended:
    """Write the entry anew (without a path of its own) once its new address answers with the new token."""
    missing = given.lacks(finding.needs)
    if missing:
        return needs(*missing)
    name = str(finding.figures["name"])
    base_url, token = _right(visit, finding, given)
    value = stored_settings.read(CLIENT_KEY)
    entries: list[dict[str, Any]] = value.setdefault("endpoint_conf", [])
    old = next((entry for entry in entries if entry["endpoint"] == name), None)
    new = {"endpoint": name, "base_url": base_url, "auth": {"token": token}}
    url = f"{base_url}/{ENDPOINTS[name].path}"
    method, body = (
        (ENDPOINTS[name].method, {"orderitem_set": []}) if name.endswith("_update") else ("GET", None)
    )
    answer = visit.probe.ask(method, url, token, params={"limit": 1} if body is None else None, body=body)
    if not answer.good and not (body is not None and answer.status == 400):
        told = answer.status or answer.problem
        return failed(
            f"{url} answered {told}, so {name} was left as it is",
            f"{url} {told} yanıtladı, bu yüzden {name} olduğu gibi bırakıldı",
        )
    if old is None:
        entries.append(new)
    else:
        entries[entries.index(old)] = new
    refused = stored_settings.write(CLIENT_KEY, value, now=visit.now)
    return refused or done(f"{name} goes to {base_url} now", f"{name} artık {base_url} adresine gidiyor")


def _right(visit: Visit, finding: Finding, given: Given) -> tuple[str, str]:
    home = visit.home()
    base_url = home.base_url.rstrip("/") if home else ""
    token = home.token if home else ""
    if "seller_center_url" in finding.needs:
        base_url = f"{api_root(given.get('seller_center_url'))}/{APPLICATION}"
    if "seller_center_token" in finding.needs:
        token = given.get("seller_center_token")
    return base_url, token
