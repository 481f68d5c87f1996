"""Copying the address dictionaries from a commerce hub that pages by number and knows `id__gt`, or does not."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from ambar.kit import clock
from ambar.seller_center.places.actions.copy_places import copy_places
from ambar.seller_center.places.models import City, CopyRun, Country, District, Township
from tests.worlds import seller_center_market as market

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = {
    "countries": [{"pk": 5, "name": "Türkiye", "code": "tr"}],
    "cities": [{"pk": 34, "name": "İstanbul", "country": 5}, {"pk": 6, "name": "Ankara", "country": 5}],
    "townships": [
        {"pk": n, "name": f"T{n}", "city": 34, "latitude": "41.000000", "longitude": "29.1"}
        for n in range(1, 1206)
    ],
    "districts": [
        {"pk": 9, "name": "Moda", "city": {"pk": 34}, "township": 3},
        {"pk": 10, "name": "", "city": 34, "township": 3},
    ],
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        url = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        rows = sorted(ROWS[url.path.strip("/").split("/")[-1]], key=lambda r: r["pk"])
        if self.server.knows_keyset:
            rows = [row for row in rows if row["pk"] > int(query["id__gt"])]
        limit = min(int(query["limit"]), self.server.cap)
        first = (int(query["page"]) - 1) * limit
        self.server.calls += 1
        data = {"count": len(rows), "results": rows[first : first + limit]}
        data["next"] = "more" if first + limit < len(rows) else None
        body = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture(params=[(True, 1000), (False, 1000), (False, 500), (True, 100)])
def hub(request, monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.knows_keyset, server.cap = request.param
    server.calls = 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{server.server_port}"
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", address)
    body = {"base_url": f"http://{address}/api/v1", "token": "t"}
    assert market.owner()("PUT", "/api/v1/settings/omnitron/", body).status_code == 200
    yield server
    server.shutdown()
    server.server_close()


def run():
    pk = CopyRun.objects.create(status="WORKING", started_at=market.NOW).pk
    copy_places(pk, clock=clock.now)
    return CopyRun.objects.get(pk=pk)


def test_all_places_are_copied_once_and_a_second_run_changes_nothing(hub):
    done = run()
    assert (done.status, done.counts) == (
        "FINISHED",
        {"countries": 1, "cities": 2, "townships": 1205, "districts": 1},
    )
    assert "districts" in done.reason
    ids = list(Township.objects.order_by("id").values_list("id", flat=True))
    assert run().status == "FINISHED"
    assert list(Township.objects.order_by("id").values_list("id", flat=True)) == ids
    counts = [model.objects.count() for model in (Country, City, Township, District)]
    assert counts == [1, 2, 1205, 1]
    first = Township.objects.order_by("id").first()
    assert (str(first.latitude), str(first.longitude)) == ("41.000000", "29.100000")


def test_the_status_tells_what_happened(hub):
    owner = market.owner()
    assert owner.get("/api/v1/setup/places/get_async_status/").json() == {"status": "READY"}
    assert owner.post("/api/v1/setup/places/execute/").status_code == 202
    assert owner.post("/api/v1/setup/places/execute/").json()["code"] == "places_copy_running"
    assert owner.get("/api/v1/setup/places/get_async_status/").json()["status"] == "WORKING"


def test_without_a_connection_the_run_fails_with_the_reason():
    pk = CopyRun.objects.create(status="WORKING", started_at=market.NOW).pk
    with pytest.raises(LookupError):
        copy_places(pk, clock=clock.now)
    done = CopyRun.objects.get(pk=pk)
    assert (done.status, done.reason) == (
        "FAILED",
        "LookupError: the connection to the commerce hub is not set",
    )
