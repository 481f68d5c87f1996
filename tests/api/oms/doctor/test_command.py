"""`ambar oms doctor` reads along: what it prints, what it asks a person for, and its exit codes."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from ambar.cli import doctor as command
from ambar.cli.main import app
from tests.worlds import oms_upstream as world

PATH = "/api/v1/oms/doctor/"


def finding(name="endpoint.orders", *, ok=True, known=True, needs=()):
    return {
        "step": 2, "name": name, "code": "x", "ok": ok, "known": known, "what": f"{name} is looked at",
        "why": "it matters", "fix": "" if ok else "do this", "can_fix": not ok, "needs": list(needs),
        "took_ms": 3, "tr": {},
    }  # fmt: skip


def answer(*findings, did=()):
    return {"ok": all(row["ok"] for row in findings), "findings": list(findings), "did": list(did)}


def deed(outcome, needs=()):
    return {
        "finding": "endpoint.orders", "code": "x", "outcome": outcome, "detail": "told", "needs": list(needs),
        "waits_for": None, "tr": {},
    }  # fmt: skip


@pytest.fixture
def oms():
    with world.serving() as served:
        yield served


def run(oms, *arguments):
    return CliRunner().invoke(app, ["oms", "doctor", "--oms-url", oms.base, "--oms-token", "t", *arguments])


def test_all_green_is_exit_code_0_and_a_finding_is_1(oms):
    oms.routes["GET", PATH] = lambda query, body: (200, answer(finding()))
    done = run(oms)
    assert (done.exit_code, "endpoint.orders is looked at" in done.output) == (0, True)
    oms.routes["GET", PATH] = lambda query, body: (200, answer(finding(), finding("hook_secret", ok=False)))
    done = run(oms)
    assert done.exit_code == 1
    assert "why it matters: it matters" in done.output and "fix: do this" in done.output
    assert "ambar oms doctor --fix" in done.output


def test_what_cant_be_told_is_shown_and_does_not_fail(oms):
    oms.routes["GET", PATH] = lambda query, body: (200, answer(finding("oms_url", known=False)))
    done = run(oms)
    assert (done.exit_code, "it matters" in done.output) == (0, True)


def test_an_oms_that_does_not_answer_as_it_should_is_2(oms):
    assert run(oms).exit_code == 2


def test_the_document_is_the_answer(oms):
    oms.routes["GET", PATH] = lambda query, body: (200, answer(finding(ok=False)))
    done = run(oms, "--json", "--step", "2")
    assert (done.exit_code, json.loads(done.stdout)["findings"][0]["name"]) == (1, "endpoint.orders")


def test_step_5_is_the_walk_alone(oms):
    oms.routes["POST", f"{PATH}walk/"] = lambda query, body: (200, answer(finding("walk.take", ok=False)))
    done = run(oms, "--step", "5", "--json")
    assert done.exit_code == 1
    assert [one["name"] for one in json.loads(done.stdout)["findings"]] == ["walk.take"]


@pytest.mark.parametrize("step", ["0", "7"])
def test_a_step_that_is_none_is_refused_in_a_sentence(oms, step):
    done = run(oms, "--step", step)
    assert (done.exit_code, oms.requests) == (2, [])
    assert f"--step {step}: there are steps 1 to 4" in done.output


def test_mending_is_not_narrowed_to_a_step(oms):
    done = run(oms, "--fix", "--step", "3")
    assert (done.exit_code, "leave --step away" in done.output) == (2, True)
    assert oms.requests == []


def test_mending_sends_what_was_given_and_the_walk_is_added(oms):
    sent = []

    def fix(query, body):
        sent.append(body["given"])
        return 200, answer(finding(), did=[deed("done")])

    oms.routes["POST", f"{PATH}fix/"] = fix
    oms.routes["POST", f"{PATH}walk/"] = lambda query, body: (200, answer(finding("walk.take", ok=False)))
    done = run(oms, "--fix", "--walk", "--hook-secret", "s3cret-s3cret")
    assert done.exit_code == 1
    assert "mended" in done.output and "walk.take is looked at" in done.output
    assert sent == [{"oms_url": oms.base, "hook_secret": "s3cret-s3cret"}]
    assert "s3cret" not in done.output


def test_a_person_is_asked_once_for_what_is_needed(oms):
    sent, asked = [], []

    def fix(query, body):
        sent.append(body["given"])
        if "supplier_code" in body["given"]:
            return 200, answer(finding(), did=[deed("done")])
        return 200, answer(finding(ok=False), did=[deed("needs", ["supplier_code"])])

    def ask(name):
        asked.append(name)
        return "AMBAR-01"

    oms.routes["POST", f"{PATH}fix/"] = fix
    code = command.run(
        oms_url=oms.base, oms_token="t", steps=[], fix=True, walk=False, given={}, as_json=False, ask=ask
    )
    assert (code, asked, sent) == (0, ["supplier_code"], [{}, {"supplier_code": "AMBAR-01"}])


def test_without_an_answer_it_is_left(oms):
    oms.routes["POST", f"{PATH}fix/"] = lambda query, body: (
        200,
        answer(finding(ok=False, needs=["supplier_code"]), did=[deed("needs", ["supplier_code"])]),
    )
    code = command.run(
        oms_url=oms.base, oms_token="t", steps=[], fix=True, walk=False, given={}, as_json=False,
        ask=lambda name: "",
    )  # fmt: skip
    assert code == 1
