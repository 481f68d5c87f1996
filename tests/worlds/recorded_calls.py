"""Notes what a `requests` session of the public client sends and gets."""

from __future__ import annotations

from typing import Any

import pytest
from omnisdk import api_endpoint


class _Impatient:
    """The public client sleeps only before it tries a call again."""

    @staticmethod
    def sleep(seconds: float) -> None:
        raise AssertionError(f"the public client waits {seconds} s to try again")


def forbid_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on a call that would be tried again fails."""
    monkeypatch.setattr(api_endpoint, "time", _Impatient)


class Recorder:
    """Notes every request of a client's session."""

    def __init__(self, session: Any) -> None:
        self.calls: list[tuple[str, str, int, dict[str, str]]] = []
        send = session.send

        def noted(request: Any, **options: Any) -> Any:
            answer = send(request, **options)
            self.calls.append((request.method, request.path_url, answer.status_code, dict(request.headers)))
            return answer

        session.send = noted

    def seen(self) -> list[tuple[str, str, int]]:
        """Method, path and status of each, in order."""
        return [(method, path, status) for method, path, status, _ in self.calls]
