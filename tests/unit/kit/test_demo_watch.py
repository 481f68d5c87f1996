"""When the demo asks the systems whether everything has settled."""

from types import SimpleNamespace

from ambar.cli.demo import command, proof


def test_nobody_is_asked_whether_all_has_settled_while_packages_still_move(monkeypatch):
    monkeypatch.setattr(command.time, "sleep", lambda seconds: None)
    asked_at = []
    floor = SimpleNamespace(done={"deallocate-reservations": 0})
    monkeypatch.setattr(
        command, "_settled", lambda stage: asked_at.append(floor.done["deallocate-reservations"]) or True
    )
    traffic = SimpleNamespace(placed=SimpleNamespace(orders=4), count=4, finished=True)
    stage = SimpleNamespace(wire=lambda module: None)
    for _ in command._watch(stage, traffic, floor, command.Screen(as_json=True)):
        floor.done["deallocate-reservations"] = min(4, floor.done["deallocate-reservations"] + 1)
    assert asked_at == [4]


class Calm:
    """A system with nothing under way, but what a test says of its inbox."""

    def __init__(self, waiting: float = 0.0) -> None:
        self.waiting = waiting

    def call(self, method: str, path: str) -> SimpleNamespace:
        told = (
            f"# TYPE ambar_inbox_waiting gauge\nambar_inbox_waiting {self.waiting}\nambar_inbox_parked 0.0\n"
        )
        return SimpleNamespace(text=told)

    def count(self, path: str, **query: str) -> int:
        return 0

    def get(self, path: str) -> dict:
        return {"orders": {"offered": 0}, "events": {"package.created": {"waiting": 0}}}


def test_orders_that_wait_in_the_seller_center_s_inbox_are_under_way():
    """While its worker is away nothing is undelivered at the hub, and nothing more is offered to the OMS."""
    systems = {"omnitron": Calm(), "oms": Calm(), "seller_center": Calm(waiting=3.0)}
    stage = SimpleNamespace(wire=lambda module, token=None: systems[module], tokens={"seller_oms": "t"})
    assert proof.settled(stage) is False
    systems["seller_center"].waiting = 0.0
    assert proof.settled(stage) is True
