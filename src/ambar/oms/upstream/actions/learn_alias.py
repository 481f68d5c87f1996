"""Teach a name of a place; every order that waits for exactly this name is taken at once."""

from __future__ import annotations

from datetime import datetime

from ambar.kit.refusals import Invalid, NotFound
from ambar.kit.text import turkish_fold
from ambar.oms.places import queries as places
from ambar.oms.places import store as places_store
from ambar.oms.places.domain.naming import Unknown
from ambar.oms.upstream.actions.redrive import redrive
from ambar.oms.upstream.configured import Configured
from ambar.oms.upstream.domain.verdicts import Verdict


def learn_alias(
    level: str, parent: int, name: str, target: int, *, configured: Configured, now: datetime
) -> tuple[int, list[Verdict]]:
    """Remember that `name`, at `level` below the place `parent` (0 for countries), means the place `target`.

    Returns the alias id and the verdicts of the released orders. Refused (`Invalid`): no such target, a target that lies
    below another parent, or a name of nothing but blanks and punctuation, which every such name would be taken for.
    """
    folded = turkish_fold(name)
    if not folded:
        raise Invalid(fields={"name": ["A name has letters or digits."]})
    above = places.parent_of(level, target)
    if above is None:
        raise Invalid(fields={"target": [f"There is no {level} with id {target}."]})
    if above != parent:
        raise Invalid(fields={"parent": [f"The {level} {target} lies below {above}, not below {parent}."]})
    alias_id = places_store.learn_alias(level, parent, name.strip(), target, folded=folded, now=now)
    cause = Unknown(level=level, parent_id=parent, name=name, folded=folded).cause[:400]
    try:
        released = redrive(cause=cause, configured=configured, now=now)
    except NotFound:
        released = []
    return alias_id, released
