"""Learned names of places over HTTP: taught, listed, taken back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.kit.refusals import NotFound
from ambar.kit.text import turkish_fold
from ambar.oms.places import queries as places
from ambar.oms.places import store as places_store
from ambar.oms.places.domain.naming import LEVELS
from ambar.oms.places.models import Alias
from ambar.oms.upstream import configured
from ambar.oms.upstream.actions.learn_alias import learn_alias
from ambar.oms.upstream.schemas import LearnedAlias
from ambar.oms.upstream.verdict_rows import summed

router = rest.Router()

_FILTERS = rest.Filters(
    {
        "level": rest.choice_in("level", LEVELS),
        "parent": rest.integer("parent_id"),
        "target": rest.integer("target_id"),
        "name": lambda rows, values: rows.filter(folded__in=[turkish_fold(value) for value in values]),
    }
)


def _aliases(rows: list[Alias]) -> list[dict[str, Any]]:
    names = places.names([(row.level, row.target_id) for row in rows])
    return [
        {
            "id": row.pk,
            "level": row.level,
            "parent": row.parent_id,
            "name": row.name,
            "target": row.target_id,
            "target_name": names.get((row.level, row.target_id)),
            "created_date": row.created_at,
        }
        for row in rows
    ]


@router.get("/intake/aliases/")
@rest.needs("intake:read")
def list_aliases(request: HttpRequest) -> Any:
    """Names that people have taught: at `level`, below the place `parent`, `name` means the place `target`."""
    return rest.page(
        request, Alias.objects.all(), _aliases, filters=_FILTERS, sort={"id": "id", "created_date": "created_at"}
    )  # fmt: skip


@router.post("/intake/aliases/")
@rest.needs("intake:write")
def teach_alias(request: HttpRequest, body: LearnedAlias) -> Any:
    """Teach that a name means a known place; all orders that wait for exactly this are taken at once."""
    alias_id, released = learn_alias(
        body.level, body.parent, body.name, body.target, configured=configured.current(), now=clock.now()
    )
    accounts.audit(request.principal, "alias.learned", "alias", alias_id, body.model_dump())
    return rest.Raw(201, {"id": alias_id, **summed(released)})


@router.delete("/intake/aliases/{int:alias_id}/")
@rest.needs("intake:write")
def forget_alias(request: HttpRequest, alias_id: int) -> Any:
    """Take a taught name back: orders that come with it from now on wait again. What was taken by it stays as it is."""
    forgotten = places_store.forget_alias(alias_id)
    if forgotten is None:
        raise NotFound("No learned name has this id.")
    accounts.audit(request.principal, "alias.forgotten", "alias", alias_id, forgotten)
    return rest.Raw(204)
