"""Bodies, errors, limits."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection

from ambar.kit import failpoints, health, rest
from ambar.kit.accounts.models import AuditEntry
from ambar.kit.rest import shedding

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("raw", "detail"),
    [
        (b'{"number": ', "JSON parse error: Expecting value at line 1 column 12"),
        (b'{"number":\n "1",}', "JSON parse error: "),
        (b'{"number": NaN}', "JSON parse error: NaN is not allowed"),
        (b'{"number": -Infinity}', "JSON parse error: -Infinity is not allowed"),
        (b'{"number": 1e400}', "JSON parse error: the number 1e400 is out of range"),
        (b"\xff{}", "JSON parse error: not UTF-8 at byte 0"),
        (b"   ", "JSON parse error: the body is empty"),
        (b"[" * 100 + b"]" * 100, "JSON parse error: nested deeper than 64 levels"),
        (b"[" * 200000, "JSON parse error: nested deeper than 64 levels"),
        (b'{"number": ' + b"9" * 5000 + b"}", "JSON parse error: a number is too long"),
    ],
)
def test_what_is_no_json_is_400_and_says_where(writer, raw, detail):
    answer = writer.post("/api/v1/orders/", raw)
    assert answer.status_code == 400
    assert answer.json()["code"] == "parse_error"
    assert answer.json()["detail"].startswith(detail)


@pytest.mark.parametrize(
    ("raw", "field", "message"),
    [
        (b'{"number": "1", "number": "2"}', "number", "This key is given more than once."),
        (b'{"number": "a\\u0000b"}', "number", "Null characters are not allowed."),
        (b'{"number": "\\ud800"}', "number", "Lone surrogates are not allowed."),
        (b'{"number": "1", "extra": 1}', "extra", "Unknown field."),
        (b"{}", "number", "This field is required."),
        (b"[]", "non_field_errors", "An object is expected."),
        (
            b'{"number": "1", "orderitem_set": [{"product": 1}, {"product": 9223372036854775808}]}',
            "orderitem_set.1.product",
            "The number is out of range.",
        ),
        (
            b'{"number": "1", "orderitem_set": [{"product": 1}, {"product": 0}]}',
            "orderitem_set.1.product",
            "Input should be greater than or equal to 1",
        ),
        (
            b'{"number": "1", "orderitem_set": [{"product": 1, "colour": "red"}]}',
            "orderitem_set.0.colour",
            "Unknown field.",
        ),
    ],
)
def test_a_bad_field_is_400_and_named_with_its_path(writer, raw, field, message):
    answer = writer.post("/api/v1/orders/", raw)
    assert answer.status_code == 400
    assert answer.json()[field] == [message]


def test_an_empty_body_is_400(writer):
    answer = writer.post("/api/v1/orders/", b"")
    assert answer.status_code == 400


def test_an_open_body_leaves_unknown_fields_aside(writer):
    answer = writer.post("/api/v1/loose/", {"number": "7", "more": {"a": 1}})
    assert (answer.status_code, answer.json()) == (200, {"number": "7"})


def test_brackets_in_texts_are_no_depth(writer):
    answer = writer.post("/api/v1/loose/", {"number": "[{" * 100})
    assert answer.status_code == 200


def test_a_post_without_the_final_slash_arrives(writer):
    assert writer.post("/api/v1/orders", {"number": "1"}).status_code == 201
    assert writer.get("/api/v1/entries").status_code == 200


def test_a_body_over_the_limit_is_413(writer):
    answer = writer.post("/api/v1/orders/", b" " * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1))
    assert answer.status_code == 413
    assert answer.json()["code"] == "request_too_large"


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        ("conflict", 406, {"code": "package_400_1", "en": "Already packed.", "number": "P1"}),
        ("invalid", 400, {"status": ["No."]}),
        ("missing", 404, {"detail": "Not found.", "code": "not_found"}),
        (
            "forbidden",
            403,
            {"detail": "You do not have permission to perform this action.", "code": "permission_denied"},
        ),
    ],
)
def test_refusals_have_their_status_and_body(reader, kind, status, body):
    answer = reader.get(f"/api/v1/fails/{kind}/")
    assert (answer.status_code, answer.json()) == (status, body)


def test_a_lost_database_is_503_and_says_nothing_about_it(reader):
    answer = reader.get("/api/v1/fails/database/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert answer.json() == {"detail": "The service is temporarily unavailable.", "code": "unavailable"}


def test_a_breakdown_is_500_with_an_incident_and_nothing_of_the_inside(reader):
    answer = reader.get("/api/v1/fails/other/")
    assert answer.status_code == 500
    body = answer.json()
    assert (body["detail"], body["code"], len(body["incident"])) == ("internal error", "internal", 12)
    assert "secret" not in answer.content.decode()


def test_unknown_paths_methods_and_ids_are_json(reader):
    assert reader.get("/api/v1/nothing/").json() == {"detail": "Not found."}
    answer = reader.client.put("/api/v1/entries/", headers=reader.headers)
    assert (answer.status_code, answer.json()) == (405, {"detail": 'Method "PUT" not allowed.'})
    assert answer.headers["Allow"] == "GET"
    for pk in ("999", str(2**63), str(2**80)):
        assert (reader.get(f"/api/v1/users/{pk}/").status_code) == 404
    assert reader.get("/api/v1/fails/%00/").status_code == 404


def test_every_route_must_say_who_may_use_it():
    router = rest.Router()
    with pytest.raises(Exception, match="neither needs"):
        router.get("/x/")(lambda request: {})


def test_endpoints_lists_every_method_with_its_scope():
    from tests.kit_project.api import api

    found = {(one.method, one.path): one.scope for one in rest.endpoints(api)}
    assert found == {
        ("GET", "/entries/"): "entries:read",
        ("POST", "/orders/"): "orders:write",
        ("POST", "/loose/"): "orders:write",
        ("GET", "/users/{int:pk}/"): "entries:read",
        ("GET", "/fails/{kind}/"): "entries:read",
        ("GET", "/hello/"): "public",
        ("POST", "/auth/login/"): "public",
        ("GET", "/active_user/"): "signed in",
    }


def test_every_endpoint_but_the_public_refuses_strangers(nobody):
    from tests.kit_project.api import api

    for endpoint in rest.endpoints(api):
        path = "/api/v1" + endpoint.path.replace("{int:pk}", "1").replace("{kind}", "x")
        answer = nobody.client.generic(endpoint.method, path)
        assert (answer.status_code == 401) == (endpoint.scope != "public"), endpoint


def test_an_idempotency_key_acts_once_and_gives_the_first_answer_again(writer):
    """Trap 22: the retry with the same key gets the first answer, and nothing happens twice."""
    first = writer.post("/api/v1/orders/", {"number": "1"}, Idempotency_Key="k1")
    again = writer.post("/api/v1/orders/", {"number": "1"}, Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert AuditEntry.objects.count() == 1


def test_a_call_that_dies_before_its_commit_leaves_nothing_under_its_key(writer, monkeypatch):
    """Trap 23: neither act nor answer; the retry acts, once."""

    class Died(BaseException):
        pass

    def die(point):
        if point == "command_before_commit":
            raise Died

    with monkeypatch.context() as armed, pytest.raises(Died):
        armed.setattr(failpoints, "reach", die)
        writer.post("/api/v1/orders/", {"number": "1"}, Idempotency_Key="k1")
    assert AuditEntry.objects.count() == 0
    retried = writer.post("/api/v1/orders/", {"number": "1"}, Idempotency_Key="k1")
    assert (retried.status_code, "Idempotent-Replayed" in retried.headers) == (201, False)
    assert AuditEntry.objects.count() == 1


def test_an_idempotency_key_with_another_body_is_422(writer):
    writer.post("/api/v1/orders/", {"number": "1"}, Idempotency_Key="k1")
    answer = writer.post("/api/v1/orders/", {"number": "2"}, Idempotency_Key="k1")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert AuditEntry.objects.count() == 1


def test_a_refused_call_may_be_repeated_with_its_key(writer):
    assert writer.post("/api/v1/orders/", {"nummer": "1"}, Idempotency_Key="k1").status_code == 400
    assert writer.post("/api/v1/orders/", {"number": "1"}, Idempotency_Key="k1").status_code == 201


@pytest.mark.parametrize("key", ["", "a" * 256, "a\x01b"])
def test_an_unreasonable_idempotency_key_is_400(writer, key):
    answer = writer.post("/api/v1/orders/", {"number": "1"}, Idempotency_Key=key)
    assert (answer.status_code, list(answer.json())) == (400, ["Idempotency-Key"])


@pytest.mark.django_db(transaction=True)
def test_calls_with_one_key_at_the_same_time_act_once(writer):
    """Trap 22: calls with one key at the same moment act once."""

    def call(_: int) -> tuple[int, bytes]:
        answer = writer.post("/api/v1/orders/", {"number": "1"}, Idempotency_Key="k1")
        connection.close()
        return answer.status_code, answer.content

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(call, range(12)))
    assert len(answers) == 1
    assert AuditEntry.objects.count() == 1


def test_while_the_database_is_gone_requests_are_refused_at_once_and_health_stays(reader, monkeypatch):
    """Trap 21: without a database 503 at once, and liveness stays."""
    monkeypatch.setattr(health, "database_answers", lambda: (False, "gone"))
    monkeypatch.setattr(shedding, "suspect", lambda: None)  # nobody but these requests finds out
    monkeypatch.setattr(shedding, "SECONDS", 3600.0)  # nobody is let through before the test says so
    assert reader.get("/api/v1/fails/database/").status_code == 503
    answer = reader.get("/api/v1/hello/")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert reader.get("/healthz").json() == {"status": "ok", "system": "kit"}
    answer = reader.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]) == (
        503,
        {"database": {"ok": False, "detail": "gone"}},
    )
    shedding._closed_until = 0.001
    assert reader.get("/api/v1/hello/").status_code == 200  # the one that tries again, and succeeds
    assert reader.get("/api/v1/hello/").status_code == 200


def test_a_database_that_takes_the_call_and_says_nothing_is_not_waited_for_longer_than_two_seconds(
    monkeypatch,
):
    assert health.ANSWER_SECONDS < health.READY_SECONDS < 2
    monkeypatch.setattr(health, "ANSWER_SECONDS", 0.01)
    with socket.socket() as silent, monkeypatch.context() as elsewhere:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        elsewhere.setitem(connection.settings_dict, "HOST", "127.0.0.1")
        elsewhere.setitem(connection.settings_dict, "PORT", silent.getsockname()[1])
        assert health.database_answers() == (False, "no answer in time")


@pytest.mark.usefixtures("unhurried_health")
def test_readyz_is_green_and_metrics_count_by_route(reader):
    answer = reader.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    text = reader.get("/metrics").content.decode()
    assert 'ambar_requests_total{method="GET",route="readyz",status="200"}' in text


def test_pages_carry_a_strict_content_security_policy(reader):
    policy = reader.get("/healthz").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_the_api_describes_itself(nobody):
    described = nobody.get("/api/v1/openapi.json").json()
    assert described["info"]["title"] == "Kit"
    assert described["security"] == [{"Token": []}]
    assert list(described["components"]["securitySchemes"]) == ["Token"]
    assert "/api/v1/orders/" in described["paths"]
    page = nobody.get("/api/v1/docs/")
    assert page.status_code == 200
    assert b"http://" not in page.content and b"https://" not in page.content


@pytest.mark.parametrize("placed", ["yesterday", 5, "0001-01-01T00:00:00+23:00", {}, "2026-13-01"])
def test_a_bad_moment_is_400_and_named(writer, placed):
    answer = writer.post("/api/v1/orders/", {"number": "1", "placed": placed})
    assert (answer.status_code, list(answer.json())) == (400, ["placed"])


def test_too_many_query_parameters_and_a_foreign_host_are_400(reader):
    query = "&".join(f"a{n}=1" for n in range(1100))
    answer = reader.client.get(f"/api/v1/entries/?{query}", headers=reader.headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    answer = reader.client.get("/api/v1/entries/", headers={**reader.headers, "Host": "a b"})
    assert answer.status_code == 400
