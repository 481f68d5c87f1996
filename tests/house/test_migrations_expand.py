"""F14: the version before goes on over the schema of the version after; what would break it is found before it is released.

During a rolling restart old processes read and write tables that new ones have migrated. `docs/howto/update.md` has the rule.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RELEASED = Path(__file__).with_name("migrations_released.txt")
SAYS_WHY = "OLD_CODE_GOES_ON"
GOES_AWAY = {
    "RemoveField",
    "RenameField",
    "DeleteModel",
    "RenameModel",
    "AlterModelTable",
    "AlterField",
    "AddConstraint",
}
STRICT_SQL = re.compile(
    r"\b(drop\s+(table|column|view|function|schema)|rename\s+(to|column)|alter\s+(column\s+)?\S+\s+(set\s+not\s+null|(set\s+data\s+)?type)"
    r"|add\s+constraint|create\s+trigger|lock\s+table)\b",
    re.I,
)


def migrations() -> list[Path]:
    return sorted(path for path in (ROOT / "src").rglob("migrations/0*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT / "src" / "ambar")).removesuffix(".py")


def broken(source: str) -> list[str]:
    """The operations that code of the version before may not survive; empty when the module says why it does."""
    tree = ast.parse(source)
    for node in tree.body:
        named = isinstance(node, ast.Assign) and [getattr(one, "id", "") for one in node.targets] == [
            SAYS_WHY
        ]
        if named and isinstance(node.value, ast.Constant) and len(str(node.value.value)) > 20:
            return []
    found = [_broken(node) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [one for one in found if one]


def _broken(call: ast.Call) -> str:
    kind = getattr(call.func, "attr", getattr(call.func, "id", ""))
    given = {word.arg: word.value for word in call.keywords}
    where = ".".join(
        ast.literal_eval(given[name])
        for name in ("model_name", "name")
        if isinstance(given.get(name), ast.Constant)
    )
    if kind in GOES_AWAY:
        return f"{kind} {where}".strip()
    if kind == "AddField" and not _has_a_value(given.get("field")):
        return f"AddField {where} is not null and has no db_default"
    if kind == "RunSQL" and call.args and (hit := STRICT_SQL.search(ast.unparse(call.args[0]))):
        return f"RunSQL {hit.group(0).lower()}"
    return ""


def _has_a_value(field: ast.expr | None) -> bool:
    """Whether a row that old code inserts, which does not know of the column, has something in it."""
    if not isinstance(field, ast.Call):
        return False
    if getattr(field.func, "attr", "") == "ManyToManyField":
        return True
    given = {word.arg: word.value for word in field.keywords}
    null = given.get("null")
    return "db_default" in given or (isinstance(null, ast.Constant) and null.value is True)


def test_what_was_released_is_still_there() -> None:
    assert set(RELEASED.read_text().split()) <= {name_of(path) for path in migrations()}


def test_a_migration_since_then_breaks_no_code_of_the_version_before() -> None:
    released = set(RELEASED.read_text().split())
    found = {
        name_of(path): operations
        for path in migrations()
        if name_of(path) not in released and (operations := broken(path.read_text()))
    }
    assert found == {}, (
        f"expand first, contract a version later, or say why in {SAYS_WHY} (docs/howto/update.md)"
    )


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ("migrations.RemoveField(model_name='order', name='note')", ["RemoveField order.note"]),
        ("migrations.RenameField(model_name='order', old_name='a', new_name='b')", ["RenameField order"]),
        ("migrations.AlterField(model_name='order', name='note', field=models.TextField())", ["AlterField order.note"]),
        ("migrations.AddField(model_name='order', name='note', field=models.TextField(default=''))", ["AddField order.note is not null and has no db_default"]),
        ("migrations.AddField(model_name='order', name='note', field=models.TextField(db_default=''))", []),
        ("migrations.AddField(model_name='order', name='note', field=models.TextField(null=True))", []),
        ("migrations.CreateModel(name='Note', fields=[])", []),
        ("migrations.AddIndex(model_name='order', index=None)", []),
        ("migrations.RunSQL('ALTER TABLE t ALTER COLUMN c SET NOT NULL')", ["RunSQL alter column c set not null"]),
        ("migrations.RunSQL('alter table t drop column c', 'select 1')", ["RunSQL drop column"]),
        ("migrations.RunSQL('create index i on t (c)')", []),
    ],
)  # fmt: skip
def test_the_rule_knows_what_breaks(operation: str, said: list[str]) -> None:
    source = f"operations = [{operation}]"
    assert broken(source) == said
    assert broken(f"{SAYS_WHY} = 'nobody has read it since the version before'\n{source}") == []
    assert broken(f"{SAYS_WHY} = ''\n{source}") == said
