"""Talking to one of the three systems."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2

from ambar.oms.setup.integration_plan import CouldNotIntegrate


class Connection:
    """JSON requests below one API root, with a token."""

    def __init__(self, name: str, root: str, token: str, *, http: httpx2.Client) -> None:
        self.name = name
        self.root = root
        self._http = http
        self._token = token

    def send(
        self, method: str, path: str, body: Any = None, *, accept: tuple[int, ...] = ()
    ) -> tuple[int, Any]:
        """The status and JSON of an answer. Anything but 2xx and `accept` is `CouldNotIntegrate`, in words."""
        headers = {"Accept": "application/json"}
        if self._token:
            headers["Authorization"] = self._token if " " in self._token else f"Token {self._token}"
        url = f"{self.root}/{path}"
        try:
            answer = self._http.request(method, url, json=body, headers=headers)
        except httpx2.HTTPError as error:
            raise CouldNotIntegrate(f"{self.name} does not answer at {url}: {error}") from None
        if not (200 <= answer.status_code < 300 or answer.status_code in accept):
            raise CouldNotIntegrate(
                f"{self.name}: {method} {url} answered {answer.status_code}: {answer.text[:500]}"
            )
        if not answer.content:
            return answer.status_code, None
        try:
            return answer.status_code, answer.json()
        except ValueError:
            raise CouldNotIntegrate(f"{self.name}: {method} {url} did not answer JSON") from None

    def get(self, path: str) -> Any:
        """The JSON of a GET."""
        return self.send("GET", path)[1]

    def rows(self, path: str, *, limit: int = 999) -> Iterator[dict[str, Any]]:
        """All rows of a list."""
        page = 1
        mark = "&" if "?" in path else "?"
        while True:
            answer = self.get(
                f"{path}{mark}limit={limit}" if page == 1 else f"{path}{mark}limit={limit}&page={page}"
            )
            if isinstance(answer, list):
                yield from answer
                return
            yield from answer["results"]
            if not answer.get("next"):
                return
            page += 1


def signed_in(name: str, root: str, username: str, password: str, *, http: httpx2.Client) -> Connection:
    """A connection after signing in with a name and a password."""
    bare = Connection(name, root, "", http=http)
    status, answer = bare.send(
        "POST", "auth/login/", {"username": username, "password": password}, accept=(400, 401)
    )
    if status != 200 or not isinstance(answer, dict) or "key" not in answer:
        raise CouldNotIntegrate(f"{name} refuses to sign in {username}: {answer}")
    return Connection(name, root, str(answer["key"]), http=http)
