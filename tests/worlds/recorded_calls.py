"""Notes what a `requests` session sends and gets."""

from __future__ import annotations

import time
from typing import Any

SLOWEST_SECONDS = 5.0


class Recorder:
    """Notes every request of a client's session, and fails on one so slow that a hidden retry must be behind it."""

    def __init__(self, session: Any) -> None:
        self.calls: list[tuple[str, str, int, dict[str, str]]] = []
        send = session.send

        def timed(request: Any, **options: Any) -> Any:
            begun = time.monotonic()
            answer = send(request, **options)
            seconds = time.monotonic() - begun
            self.calls.append((request.method, request.path_url, answer.status_code, dict(request.headers)))
            assert seconds < SLOWEST_SECONDS, f"{request.method} {request.path_url} took {seconds:.1f} s"
            return answer

        session.send = timed

    def seen(self) -> list[tuple[str, str, int]]:
        """Method, path and status of each, in order."""
        return [(method, path, status) for method, path, status, _ in self.calls]
