"""Writes of invoices and of the conversation with their services, on sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from ambar.kit.ids import uuid7
from ambar.oms.invoices import configured
from ambar.oms.invoices.domain.answers import Answer
from ambar.oms.invoices.domain.asking import INVOICE, Service, lease, made_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A question that this process may ask now; `attempts` tells it from a later try."""

    id: int
    package_id: int
    key: UUID
    made_number: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCall:
    """A question whose answer has not been used."""

    id: int
    package_id: int
    purpose: str
    state: str
    failure: str
    asked_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenInvoice:
    """An invoice that a caller brings along."""

    package_id: int
    number: str
    issued_at: datetime
    document_type: str
    url: str
    content: bytes
    content_type: str


# The share lock makes the claim wait for a command that is just moving the package, and look at it again.
_CLAIM = """
WITH waiting AS MATERIALIZED (
  SELECT p.id FROM oms_packages_package p
   WHERE p.id = ANY(%(ids)s) AND p.state = %(state)s
     AND (%(anew)s OR NOT EXISTS (SELECT 1 FROM oms_invoices_invoice i WHERE i.package_id = p.id AND i.is_current))
   ORDER BY p.id FOR SHARE OF p)
INSERT INTO oms_invoices_invoicecall AS c
       (package_id, purpose, state, key, command_code, transition_slug, made_number, makes_url, answer, content_type,
        failure, attempts, asked_until, asked_at, created_at, modified_at)
SELECT w.id, %(purpose)s, 'asking', g.key, %(command)s, %(slug)s, g.number, %(makes_url)s, '{}'::jsonb, '', '', 1,
       %(until)s, %(now)s, %(now)s, %(now)s
  FROM waiting w JOIN unnest(%(ids)s::bigint[], %(keys)s::uuid[], %(numbers)s::text[]) AS g(id, key, number) USING (id)
 ORDER BY w.id
ON CONFLICT (package_id, purpose) WHERE NOT (state = 'used') DO UPDATE
   SET state = 'asking', attempts = c.attempts + 1, asked_until = %(until)s, asked_at = %(now)s, modified_at = %(now)s,
       command_code = %(command)s, transition_slug = %(slug)s, makes_url = %(makes_url)s,
       made_number = CASE WHEN excluded.made_number = '' THEN '' ELSE coalesce(nullif(c.made_number, ''), excluded.made_number) END
 WHERE c.state = 'failed' OR (c.state = 'asking' AND c.asked_until <= %(now)s)
RETURNING id, package_id, key, made_number, attempts"""


def claim(
    package_ids: Sequence[int],
    service: Service,
    *,
    source: int,
    command_code: str,
    slug: str,
    anew: bool,
    now: datetime,
) -> list[Claimed]:
    """Take the questions about these packages that are to be asked now, in the order of the packages.

    Left out are packages that have moved on from state `source`, that have an invoice (unless `anew`), that somebody
    else is asking about, and those whose answer waits to be used. The key of a question stays the same until its
    answer is used.
    """
    ids = sorted(package_ids)
    numbers = [""] * len(ids) if service.makes_number else _numbers(len(ids), now)
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "ids": ids,
                "keys": [uuid7(now) for _ in ids],
                "numbers": numbers,
                "state": source,
                "anew": anew,
                "purpose": service.purpose,
                "command": command_code,
                "slug": slug,
                "makes_url": not service.makes_url,
                "until": now + lease(len(ids), service),
                "now": now,
            },
        )
        names = Claimed.__dataclass_fields__
        found = [Claimed(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
    return sorted(found, key=lambda one: one.package_id)


def _numbers(count: int, now: datetime) -> list[str]:
    prefix = configured.number_prefix()
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('oms_invoices_number') FROM generate_series(1, %s)", [count])
        return [made_number(prefix, row[0], now=now) for row in cursor.fetchall()]


_ANSWERED = """
UPDATE oms_invoices_invoicecall
   SET state = 'answered', answer = %(answer)s::jsonb, content = %(content)s, content_type = %(content_type)s, failure = '',
       asked_until = NULL, answered_at = %(now)s, modified_at = %(now)s
 WHERE id = %(id)s AND state IN ('asking', 'failed')"""


def keep_answer(claimed: Claimed, answer: Answer | None, *, now: datetime) -> bool:
    """Keep an answer until it is used; None: nobody was to be asked. False when the question was settled otherwise."""
    told = (
        {}
        if answer is None
        else {
            "number": answer.number,
            "date": None if answer.date is None else answer.date.isoformat(),
            "document_type": answer.document_type,
            "url": answer.url,
        }
    )
    content = answer.content if answer is not None and answer.content else None
    with connection.cursor() as cursor:
        cursor.execute(
            _ANSWERED,
            {
                "id": claimed.id,
                "answer": orjson.dumps(told).decode(),
                "content": content,
                "content_type": answer.content_type if answer is not None else "",
                "now": now,
            },
        )
        return cursor.rowcount == 1


def keep_failure(claimed: Claimed, reason: str, *, now: datetime) -> None:
    """Note why a question was not answered; the next try asks it again under the same key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE oms_invoices_invoicecall SET state = 'failed', failure = %s, asked_until = NULL, modified_at = %s"
            " WHERE id = %s AND state = 'asking' AND attempts = %s",
            [reason, now, claimed.id, claimed.attempts],
        )


_OPEN = """
SELECT id, package_id, purpose, state, failure, asked_until FROM oms_invoices_invoicecall
 WHERE package_id = ANY(%s) AND NOT (state = 'used') ORDER BY package_id, id FOR UPDATE"""


def lock_open_calls(package_ids: Sequence[int]) -> list[OpenCall]:
    """The open questions about packages whose locks the caller holds, locked."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [list(package_ids)])
        names = OpenCall.__dataclass_fields__
        return [OpenCall(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


_REPLACE = """
UPDATE oms_invoices_invoice SET is_current = false, replaced_at = %s WHERE is_current AND package_id = ANY(%s)"""
_NAME = """
UPDATE oms_packages_package p SET invoice_number = i.number, invoice_date = i.issued_at, modified_at = %s
  FROM oms_invoices_invoice i WHERE i.package_id = p.id AND i.is_current AND p.id = ANY(%s)"""
_FROM_CALLS = """
WITH src AS MATERIALIZED (
  SELECT c.*, nextval('oms_invoices_invoice_id_seq') AS invoice_id
    FROM (SELECT * FROM oms_invoices_invoicecall WHERE id = ANY(%(ids)s) ORDER BY package_id) c),
made AS (
  INSERT INTO oms_invoices_invoice (id, package_id, number, issued_at, document_type, url, url_is_ours, source, call_id,
                                    user_id, is_current, created_at)
  SELECT invoice_id, package_id, CASE WHEN made_number <> '' THEN made_number ELSE answer->>'number' END,
         coalesce((answer->>'date')::timestamptz, answered_at), coalesce(answer->>'document_type', ''),
         CASE WHEN makes_url THEN %(root)s || '/api/v1/oms/invoices/' || invoice_id || '/document/'
              ELSE coalesce(answer->>'url', '') END,
         makes_url, CASE WHEN answer = '{}'::jsonb THEN 'made' WHEN purpose = 'bill' THEN 'bill' ELSE 'remote' END, id,
         %(user)s, true, %(now)s
    FROM src),
copies AS (
  INSERT INTO oms_invoices_invoicedocument (invoice_id, content, content_type, created_at)
  SELECT invoice_id, content, content_type, %(now)s FROM src WHERE content IS NOT NULL)
UPDATE oms_invoices_invoicecall c SET state = 'used', used_at = %(now)s, content = NULL, modified_at = %(now)s
  FROM src WHERE c.id = src.id"""


def use_answers(calls: Sequence[OpenCall], *, user_id: int | None, now: datetime) -> None:
    """Make invoices of answered questions about packages whose locks the caller holds; each becomes the current one.

    Of a package with both, the invoice service's goes before the bill service's, which is kept as replaced.
    """
    for purposes in (("bill",), (INVOICE,)):
        chosen = [call for call in calls if call.purpose in purposes]
        if not chosen:
            continue
        package_ids = sorted(call.package_id for call in chosen)
        with connection.cursor() as cursor:
            cursor.execute(_REPLACE, [now, package_ids])
            cursor.execute(
                _FROM_CALLS,
                {
                    "ids": [call.id for call in chosen],
                    "root": configured.own_root(),
                    "user": user_id,
                    "now": now,
                },
            )
            cursor.execute(_NAME, [now, package_ids])


_GIVEN = """
WITH src AS MATERIALIZED (
  SELECT w.*, nextval('oms_invoices_invoice_id_seq') AS id
    FROM unnest(%(package_id)s::bigint[], %(number)s::text[], %(issued_at)s::timestamptz[], %(document_type)s::text[],
                %(url)s::text[], %(content)s::bytea[], %(content_type)s::text[])
         AS w(package_id, number, issued_at, document_type, url, content, content_type)),
made AS (
  INSERT INTO oms_invoices_invoice (id, package_id, number, issued_at, document_type, url, url_is_ours, source, user_id,
                                    is_current, created_at)
  SELECT id, package_id, number, issued_at, document_type, url, false, 'given', %(user)s, true, %(now)s FROM src)
INSERT INTO oms_invoices_invoicedocument (invoice_id, content, content_type, created_at)
SELECT id, content, content_type, %(now)s FROM src WHERE length(content) > 0"""


def give(invoices: Sequence[GivenInvoice], *, user_id: int | None, now: datetime) -> None:
    """Keep invoices that callers brought along, as the current ones of packages whose locks the caller holds."""
    if not invoices:
        return
    ordered = sorted(invoices, key=lambda one: one.package_id)
    columns: Mapping[str, list[Any]] = {
        name: [getattr(one, name) for one in ordered] for name in GivenInvoice.__dataclass_fields__
    }
    with connection.cursor() as cursor:
        cursor.execute(_REPLACE, [now, columns["package_id"]])
        cursor.execute(_GIVEN, {**columns, "user": user_id, "now": now})
        cursor.execute(_NAME, [now, columns["package_id"]])
