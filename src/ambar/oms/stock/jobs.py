"""Background entry points of stock."""

from ambar.kit import clock, work
from ambar.oms.stock.actions.follow_omnitron import follow_omnitron
from ambar.oms.stock.actions.import_file import LOOP, import_slice


def drain_imports() -> int:
    """Apply one slice of a waiting file."""
    return import_slice(now=clock.now())


work.loop(LOOP, drain_imports, idle_seconds=5.0)


@work.job("stock.follow_omnitron", every=60)
def follow() -> None:
    """Take what changed at Omnitron, where a location points to its engine."""
    follow_omnitron(now=clock.now())
