"""Take Omnitron's address, user name or password from a person, once they are seen to work."""

from __future__ import annotations

from ambar.oms.doctor.actions.remedies import stored_settings
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.domain.mended import Given, Mended, done, failed, needs
from ambar.oms.doctor.visit import CLIENT_KEY, Visit
from ambar.oms.setup.integration_plan import api_root


def correct_omnitron(visit: Visit, finding: Finding, given: Given) -> Mended:
    """Sign in with what was given; only what Omnitron accepts is written."""
    missing = given.lacks(finding.needs)
    if missing:
        return needs(*missing)
    value = stored_settings.read(CLIENT_KEY)
    if given.get("omnitron_url"):
        value["urls"]["base_url"] = api_root(given.get("omnitron_url"))
    for name in ("username", "password"):
        if given.get(f"omnitron_{name}"):
            value["auth"][name] = given.get(f"omnitron_{name}")
    url = f"{value['urls']['base_url'].rstrip('/')}/auth/login/"
    answer = visit.probe.ask("POST", url, body=value["auth"])
    if not (answer.good and isinstance(answer.payload, dict) and answer.payload.get("key")):
        told = answer.status or answer.problem
        return failed(f"{url} answered {told} to what was given", f"{url} verilenlere {told} yanıtladı")
    if other := visit.other_than_omnitron(url):
        return failed(
            f"{url} is not Omnitron's but that of {other}", f"{url} Omnitron'un değil, {other} adresi"
        )
    refused = stored_settings.write(CLIENT_KEY, value, now=visit.now)
    return refused or done("OMNITRON_CLIENT_SETTINGS corrected", "OMNITRON_CLIENT_SETTINGS düzeltildi")
