"""A web tier of nothing but its door: what is posted is read and its length told; `/long` takes two seconds over it, and `/handled`
answers a body that broke off by itself, as Django does."""

from __future__ import annotations

import sys
import time
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse

from ambar.kit.admission import Gate
from ambar.kit.rest.overload import Door

LONG_SECONDS = 2.0


def inside(environ: dict[str, Any], start: Any) -> Any:
    try:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    except SuspiciousOperation:
        if environ["PATH_INFO"] != "/handled":
            raise
        start("400 Bad Request", [("Content-Length", "0")])
        return HttpResponse(status=400)
    if environ["PATH_INFO"] == "/long":
        time.sleep(LONG_SECONDS)
    answer = HttpResponse(str(len(body)))
    start("200 OK", [("Content-Length", str(len(answer.content)))])
    return answer


if __name__ == "__main__":
    from granian.constants import Interfaces

    from ambar.cli.serving import OneProcess

    OneProcess(
        "tests.worlds.slow_door:application",
        address="127.0.0.1", port=int(sys.argv[1]), interface=Interfaces.WSGI, workers=1, blocking_threads=8, log_access=False,
        websockets=False,
    ).serve()  # fmt: skip
else:
    application = Door(inside, Gate(at_once=6, waiting=2, seconds=1.0), cookie="s", body_seconds=1.0)
