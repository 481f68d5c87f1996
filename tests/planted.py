"""What a fresh database holds, kept in memory, and every table brought back to it in one transaction.

Django empties all tables after a test that commits and plants content types, permissions and the seeds again by
`post_migrate`: about 280 statements. Here only tables that hold rows are emptied, and the planted rows are copied back.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from psycopg import sql

_WRITABLE = """
SELECT column_name FROM information_schema.columns
 WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position"""


@dataclass(frozen=True)
class Planted:
    """All tables of the models, and of each that is not empty after migrating its columns and rows (as of `COPY`)."""

    tables: tuple[str, ...]
    rows: dict[str, tuple[tuple[str, ...], bytes]]

    def back(self) -> None:
        """Every table holds again what it held in the beginning; ids go on counting. No trigger fires."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_filled(self.tables))
            filled = [name for (name,) in cursor.fetchall()]
            cursor.execute("SET LOCAL session_replication_role = replica")
            for name in filled:
                cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
            for name, (columns, rows) in self.rows.items():
                with cursor.copy(_copy("FROM STDIN", name, columns)) as copy:
                    copy.write(rows)
        ContentType.objects.clear_cache()


def keep() -> Planted:
    """Reads a database that was just migrated."""
    tables = tuple(connection.introspection.django_table_names(only_existing=True, include_views=False))
    rows = {}
    with connection.cursor() as cursor:
        cursor.execute(_filled(tables))
        for (name,) in cursor.fetchall():
            cursor.execute(_WRITABLE, [name])
            columns = tuple(column for (column,) in cursor.fetchall())
            with cursor.copy(_copy("TO STDOUT", name, columns)) as copy:
                rows[name] = (columns, b"".join(bytes(piece) for piece in copy))
    return Planted(tables, rows)


def _filled(tables: tuple[str, ...]) -> sql.Composed:
    one = sql.SQL("SELECT {} WHERE EXISTS (SELECT 1 FROM {})")
    return sql.SQL(" UNION ALL ").join(one.format(sql.Literal(name), sql.Identifier(name)) for name in tables)


def _copy(how: str, name: str, columns: tuple[str, ...]) -> sql.Composed:
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("COPY {} ({}) {}").format(sql.Identifier(name), listed, sql.SQL(how))
