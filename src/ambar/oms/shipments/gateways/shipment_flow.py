"""A carrier that speaks the shipment-flow contract.

Source: Akinon, "Shipment Flows" (paths, headers, basic authentication, request body, statuses). Answers are told in
`docs/decisions/0035-carriers.md`, since no public page shows them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx2

from ambar.kit import clock
from ambar.kit.http import AddressRefused
from ambar.kit.http import client as guarded_client
from ambar.kit.http.said import said_by
from ambar.kit.text import refused_characters
from ambar.oms.shipments.domain.story import Told

CONNECT_SECONDS = 3.0
LARGEST_ANSWER = 8 * 1024 * 1024
API_VERSION = "1.0"
LATER = frozenset({408, 409, 425, 429})
LABELS = frozenset({"application/pdf", "image/png"})
NUMBERS = 20


class CarrierFailed(Exception):
    """The carrier did not do what was asked; `again`: asking later may help. `reason` is fit for a person's eyes."""

    def __init__(self, reason: str, *, again: bool) -> None:
        super().__init__(reason)
        self.reason = reason[:500]
        self.again = again


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a carrier says of a parcel: its numbers, newest last, and its history."""

    reference: str
    tracking_numbers: tuple[str, ...]
    query_number: str | None
    tracking_url: str | None
    history: tuple[Told, ...]


class ShipmentFlow:
    """One account at one carrier. Safe to share between threads."""

    def __init__(
        self,
        *,
        base_url: str,
        username: str,
        password: str,
        credentials_identifier: str,
        timeout_seconds: float,
    ) -> None:
        self._root = base_url.rstrip("/")
        self._auth = (username, password)
        self._headers = {"Accept": "application/json", "x-akinon-api-version": API_VERSION}
        if credentials_identifier:
            self._headers["x-akinon-credentials-identifier"] = credentials_identifier
        self._timeout = timeout_seconds
        self._http = guarded_client(
            read_ms=int(timeout_seconds * 1000), connect_ms=0, largest_answer=LARGEST_ANSWER
        )
        self._http.timeout = httpx2.Timeout(timeout_seconds, connect=min(timeout_seconds, CONNECT_SECONDS))

    def close(self) -> None:
        """Close the kept connections."""
        self._http.close()

    def generate(self, body: Mapping[str, Any]) -> Known:
        """Make the parcel known; the same `shipmentId` again makes no second one. Raises `CarrierFailed`."""
        return _known(self._json("POST", "/shipments", json=dict(body)), str(body["shipmentId"]))

    def query(self, references: Sequence[UUID]) -> dict[str, Known]:
        """What the carrier knows of these parcels, by reference; those it does not know are absent."""
        asked = {str(reference) for reference in references}
        answer = self._json(
            "GET", "/shipments", params=[("shipmentId", reference) for reference in sorted(asked)]
        )
        rows = answer.get("shipments")
        if not isinstance(rows, list):
            raise CarrierFailed("the answer holds no list of shipments", again=True)
        found = {}
        for row in rows:
            if isinstance(row, dict) and row.get("shipmentId") in asked:
                found[row["shipmentId"]] = _known(row, row["shipmentId"])
        return found

    def delete(self, reference: UUID) -> None:
        """Withdraw a parcel the carrier has not received; one it does not know is withdrawn already."""
        self._send("DELETE", f"/shipments/{reference}", fine=(200, 202, 204, 404))

    def label(self, reference: UUID) -> tuple[bytes, str]:
        """The label and its content type, PDF or PNG."""
        answer = self._send("GET", f"/shipments/{reference}/label")
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in LABELS or not answer.content:
            raise CarrierFailed(f"the label is {kind or 'of no type'}, not PDF or PNG", again=False)
        return answer.content, kind

    def appointment_dates(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """When the carrier could come, passed through."""
        return self._json("POST", "/search-appointment-dates", json=dict(body))

    def easy_return(
        self, method: str, reference: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Ask for (POST), look at (GET) or withdraw (DELETE) a return from the customer, passed through."""
        if method == "POST":
            return self._json("POST", "/easy-returns", json={"shipmentId": reference, **(body or {})})
        return self._json(method, f"/easy-returns/{quote(reference, safe='')}")

    def generate_address(self, body: Mapping[str, Any]) -> str:
        """Make a sender address known; the carrier's id of it."""
        found = self._json("POST", "/addresses", json=dict(body)).get("addressId")
        if not isinstance(found, str | int) or isinstance(found, bool) or not str(found):
            raise CarrierFailed("the answer holds no addressId", again=False)
        return str(found)[:128]

    def _json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        answer = self._send(method, path, **options)
        if answer.status_code == 204 or not answer.content:
            return {}
        try:
            body = answer.json()
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise CarrierFailed("the answer is not a JSON object", again=True)
        return body

    def _send(
        self, method: str, path: str, *, fine: Sequence[int] = (200, 201, 202, 204), **options: Any
    ) -> httpx2.Response:
        headers = {**self._headers, "x-akinon-request-id": str(uuid4())}
        try:
            answer = self._http.request(
                method, self._root + path, auth=self._auth, headers=headers, **options
            )
        except AddressRefused as refused:
            raise CarrierFailed(refused.message, again=False) from None
        except httpx2.TimeoutException:
            raise CarrierFailed(f"no answer within {self._timeout:g} s", again=True) from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
            raise CarrierFailed(f"{type(error).__name__}: {error}", again=True) from None
        if answer.status_code not in fine:
            again = answer.status_code >= 500 or answer.status_code in LATER
            raise CarrierFailed(f"status {answer.status_code}{said_by(answer)}", again=again)
        return answer


def _text(value: Any, longest: int) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip() or len(value) > longest or refused_characters(value):
        return None
    return value.strip()


def _known(row: Mapping[str, Any], reference: str) -> Known:
    given = row.get("trackingNumbers")
    numbers = [*(given if isinstance(given, list) else [])[:NUMBERS], row.get("trackingNumber")]
    clean = [number for one in numbers if (number := _text(one, 256))]
    history = row.get("history")
    entries = [told for one in (history if isinstance(history, list) else []) if (told := _told(one))]
    return Known(
        reference=reference,
        tracking_numbers=tuple(dict.fromkeys(clean)),
        query_number=_text(row.get("queryNumber"), 256),
        tracking_url=_text(row.get("trackingUrl"), 1024),
        history=tuple(entries),
    )


def _told(entry: Any) -> Told | None:
    if not isinstance(entry, dict):
        return None
    status = _text(entry.get("status"), 32)
    try:
        at = clock.parse(entry.get("date", ""))
    except (ValueError, TypeError):
        return None
    return (
        status and Told(status=status, at=at, description=_text(entry.get("description"), 1000) or "")
    ) or None
