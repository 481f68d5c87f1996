"""Background entry points of places."""

from ambar.kit import clock, work


@work.job("copy_places")
def copy_places(run_id: int) -> None:
    """Copy the address dictionaries from the commerce hub."""
    from ambar.seller_center.places.actions.copy_places import copy_places as act

    act(run_id, clock=clock.now)
