"""More requests than can be done: who is refused, what it is told, and what is never refused."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import OperationalError, connection
from django.http import HttpResponse, StreamingHttpResponse
from psycopg.errors import DeadlockDetected
from psycopg_pool import PoolTimeout
from structlog.testing import capture_logs

from ambar.kit import clock
from ambar.kit.admission import Gate, inside
from ambar.kit.rest import failures, overload, shed, shedding

pytestmark = pytest.mark.django_db


class Called:
    """A system behind its door, called as the server calls it."""

    def __init__(self, application: Any, *, at_once: int = 1) -> None:
        self.gate = Gate(at_once=at_once, waiting=0, seconds=1.0)
        self.door = overload.Door(application, self.gate, cookie="ambar_kit_session")
        self.status, self.headers = "", {}

    def call(self, path: str, *, body: bytes = b"", **environ: str) -> Any:
        self.sent = io.BytesIO(body)
        given = {
            "REQUEST_METHOD": "POST" if body else "GET", "PATH_INFO": path, "SERVER_NAME": "x", "SERVER_PORT": "1",
            "CONTENT_LENGTH": str(len(body)), "wsgi.input": self.sent, "wsgi.url_scheme": "http", "wsgi.errors": io.StringIO(),
            **environ,
        }  # fmt: skip

        def start(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
            self.status, self.headers = status, dict(headers)

        return self.door(given, start)


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(shed, "refused", found.append)
    return found


def test_beyond_the_gate_the_answer_is_503_with_a_time_to_come_again_and_django_is_not_asked(refused) -> None:
    asked: list[str] = []
    called = Called(lambda environ, _: asked.append(environ["PATH_INFO"]))
    assert called.gate.enter() is None
    body = b"".join(called.call("/api/v1/anything/", body=b"{}" * 1000))
    assert (called.status, json.loads(body)) == (
        "503 Service Unavailable",
        {"detail": overload.TEXTS["en"], "code": "overloaded"},
    )
    assert (called.headers["Content-Type"], called.headers["Retry-After"] in "123") == (
        "application/json",
        True,
    )
    assert called.sent.read() == b"", "what was still being sent is taken, or the answer would be lost"
    assert (asked, refused) == ([], ["full"])


@pytest.mark.parametrize(
    "answer", [[b"{}"], HttpResponse(b"{}"), StreamingHttpResponse([b"{}"]), OSError("gone")]
)
def test_the_gate_is_known_while_a_request_is_worked_on_and_no_longer(answer: Any) -> None:
    seen: list[Any] = []

    def application(_environ: Any, _start: Any) -> Any:
        seen.append(inside.gate)
        if isinstance(answer, Exception):
            raise answer
        return answer

    called = Called(application)
    with suppress(OSError):
        b"".join(called.call("/api/v1/anything/"))
    assert (seen, inside.gate, called.gate.in_work) == ([called.gate], None, 0)


@pytest.mark.parametrize(
    ("given", "language"),
    [
        ({"HTTP_ACCEPT_LANGUAGE": "tr-TR,en;q=0.5"}, "tr"),
        ({"HTTP_ACCEPT_LANGUAGE": "en"}, "en"),
        ({"HTTP_COOKIE": "ambar_language=tr", "HTTP_ACCEPT_LANGUAGE": "en"}, "tr"),
        ({"HTTP_COOKIE": "ambar_language=en", "HTTP_ACCEPT_LANGUAGE": "tr"}, "en"),
    ],
)
def test_people_and_programs_are_told_in_their_language(refused, given, language) -> None:
    called = Called(None)
    assert called.gate.enter() is None
    said = json.loads(b"".join(called.call("/api/v1/anything/", **given)))
    page = b"".join(called.call("/orders/", **given)).decode()
    assert said["detail"] == overload.TEXTS[language]
    assert overload.TEXTS[language] in page and f'lang="{language}"' in page
    assert called.headers["Content-Type"] == "text/html; charset=utf-8"


def test_health_is_answered_however_many_there_are(refused) -> None:
    called = Called(get_wsgi_application())
    assert called.gate.enter() is None
    assert json.loads(b"".join(called.call("/healthz")))["status"] == "ok"
    called.call("/metrics")
    assert (called.status, refused) == ("200 OK", [])


def test_a_place_is_given_back_after_the_answer_and_after_a_crash() -> None:
    def crash(*_: Any) -> Any:
        assert called.gate.in_work == 1
        raise RuntimeError

    called = Called(lambda *_: HttpResponse(b"done"))
    assert (called.call("/"), called.gate.in_work) == ([b"done"], 0)
    called = Called(crash)
    with pytest.raises(RuntimeError):
        called.call("/")
    assert called.gate.in_work == 0


def test_an_answer_made_while_it_is_sent_keeps_its_place_until_the_end_or_until_the_caller_hangs_up() -> None:
    def parts() -> Iterator[bytes]:
        yield b"one"
        yield b"two"

    called = Called(lambda *_: StreamingHttpResponse(parts()))
    whole = called.call("/")
    assert (next(whole), called.gate.in_work) == (b"one", 1)
    assert (list(whole), called.gate.in_work) == ([b"two"], 0)
    whole.close()
    assert called.gate.in_work == 0, "given back once"
    broken = called.call("/")
    assert next(broken) == b"one"
    broken.close()
    assert called.gate.in_work == 0
    forgotten = called.call("/")
    assert called.gate.in_work == 1
    del forgotten
    assert called.gate.in_work == 0


def test_waiting_in_vain_for_a_connection_counts_as_too_many(refused, monkeypatch, rf) -> None:
    """The database answers, so it is not gone: there are just more callers than connections."""
    assert failures.of_exception(rf.get("/api/x/"), PoolTimeout("30 waited")).status_code == 503
    assert refused == ["pool"]
    monkeypatch.setattr(shedding, "note_failure", lambda: None)
    monkeypatch.setattr(shedding, "is_closed", lambda: True)
    assert failures.of_exception(rf.get("/api/x/"), PoolTimeout("gone")).status_code == 503
    assert refused == ["pool"], "a database that is gone is another matter"


def as_django_tells(error: Exception) -> Exception:
    """The error as a view gets it: what the driver raises is wrapped."""
    with pytest.raises(OperationalError) as told, connection.wrap_database_errors:
        raise error
    return told.value


def test_a_wait_in_vain_is_told_with_its_class_and_seconds_also_when_it_comes_wrapped(refused, rf) -> None:
    error = as_django_tells(PoolTimeout("couldn't get a connection after 2.00 sec"))
    with capture_logs() as told:
        assert failures.of_exception(rf.get("/api/x/"), error).status_code == 503
    assert refused == ["pool"]
    assert [(one["event"], one["error"], one["said"]) for one in told] == [
        ("database_unavailable", "PoolTimeout", "couldn't get a connection after 2.00 sec")
    ]


def test_transactions_in_each_others_way_are_repeated_and_no_want_of_the_database(
    refused, rf, monkeypatch
) -> None:
    monkeypatch.setattr(shedding, "note_failure", lambda: pytest.fail("the database is there"))
    error = as_django_tells(DeadlockDetected("deadlock detected\nDETAIL: Process 1 waits"))
    with capture_logs() as told:
        answer = failures.of_exception(rf.post("/api/x/"), error)
    assert (answer.status_code, answer.headers["Retry-After"], refused) == (503, "1", [])
    assert [{**one, "path": ""} for one in told] == [
        {
            "event": "database_conflict",
            "log_level": "warning",
            "path": "",
            "error": "DeadlockDetected",
            "said": "deadlock detected",
            "sqlstate": "40P01",
        }
    ]


@pytest.mark.usefixtures("unhurried_health")
def test_what_was_refused_in_the_last_hour_is_on_the_health_page(client) -> None:
    now = clock.now()
    shed.add(3, now=now)
    shed.add(4, now=now)
    shed.add(100, now=now - shed.LATELY * 1.1)
    assert client.get("/readyz").json()["checks"]["overload"] == {"ok": True, "detail": {"shed_last_hour": 0}}
    assert shed.lately(now=now) == 7
    shed.purge(now=now + shed.KEPT - shed.LATELY)
    assert shed.lately(now=now - shed.LATELY * 0.5) == 7, "the older minute is forgotten"
