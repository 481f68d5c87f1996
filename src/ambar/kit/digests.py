"""A digest of a set of rows that two databases compute alike, whatever the order of their rows.

Each row is hashed as text, the hashes are added up; so equal sets have equal digests, and buckets of neighbouring ids
narrow a difference down to a few hundred rows without sending the others. Source: our decision
(`docs/decisions/0046-the-doctor.md`).
"""

from __future__ import annotations

BUCKET = 500
"""How many neighbouring ids share a bucket."""


def per_bucket(table: str, key: str, columns: tuple[str, ...], *, where: str = "true") -> str:
    """SQL that answers `(bucket, count, digest)` per bucket of `key`: one pass over the table.

    :param table: a FROM clause; `key` and `columns` are expressions on it, none of them from outside.
    :returns: a statement; the digest is a decimal text, the sum of 60 bits of each row's MD5.
    """
    told = ", ".join(f"coalesce(({column})::text, '')" for column in (key, *columns))
    number = f"('x' || left(md5(concat_ws(chr(31), {told})), 15))::bit(60)::bigint"
    return (
        f"SELECT ({key}) / {BUCKET} AS bucket, count(*), sum({number})::text FROM {table}"  # noqa: S608
        f" WHERE {where} GROUP BY 1 ORDER BY 1"
    )
