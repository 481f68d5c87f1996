"""The status map of this installation, checked against its active transitions."""

from __future__ import annotations

from collections.abc import Mapping

from ambar.oms.states import queries as states
from ambar.oms.upstream.domain.status_model import Finding
from ambar.oms.upstream.domain.status_model import findings as examined


def findings(status_map: Mapping[int, int]) -> list[Finding]:
    """What is wrong with `status_map` here. One statement."""
    arrows = states.active_transitions("package")
    return examined(status_map, [(int(arrow.source), int(arrow.destination)) for arrow in arrows])
