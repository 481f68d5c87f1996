"""When nothing is under way any more: before that no proof is drawn."""

from types import SimpleNamespace

import pytest

from ambar.cli.demo import proof

HOOK_EVENTS = "/api/v1/whisperer/hook_events/"
ORDERS, PACKAGES = "/api/v1/oms/orders/", "/api/v1/oms/packages/short/"


class Systems:
    """Three systems with two orders and a delivered package of each; `happens` tells what does, once, with a look."""

    def __init__(self) -> None:
        self.inbox, self.waiting, self.new, self.delivered, self.packages = 0, 0, 0, 2, 2
        self.undelivered = {"omnitron": 0, "oms": 0}
        self.happens = {}

    def wire(self, module, *, token=None):
        def looked(path, answer, *more):
            self.happens.pop((module, path, *more), lambda: None)()
            return answer

        def count(path, **query):
            if path == HOOK_EVENTS:
                return looked(path, self.undelivered[module])
            if path == ORDERS:
                return looked(path, {"new": self.new, None: 2}.get(query.get("planning_state"), 0))
            if path == PACKAGES and query:
                state = query["state__enum_value"]
                return looked(path, self.delivered if state == proof.DELIVERED else 0, state)
            return looked(path, self.packages if path == PACKAGES else 0)

        def get(path):
            return {"orders": {"offered": 2}, "events": {"package.created": {"waiting": self.waiting}}}

        def call(method, path):
            return SimpleNamespace(text=f"# HELP\nambar_inbox_waiting {float(self.inbox)}\n")

        def rows(path, **query):
            return [{"webhook": {"is_active": True}}]

        return SimpleNamespace(count=count, get=get, call=call, rows=rows)

    def settled(self):
        return proof.settled(SimpleNamespace(wire=self.wire, tokens={"seller_oms": "t"}))


def test_it_has_settled_when_nothing_waits_anywhere():
    assert Systems().settled()


@pytest.mark.parametrize("where", ["inbox", "waiting", "new"])
def test_what_waits_somewhere_is_under_way(where):
    systems = Systems()
    setattr(systems, where, 1)
    assert not systems.settled()


@pytest.mark.parametrize("module", ["omnitron", "oms"])
def test_what_waits_to_be_sent_is_under_way(module):
    systems = Systems()
    systems.undelivered[module] = 1
    assert not systems.settled()


def test_an_order_that_comes_in_while_the_hub_is_asked_is_found_further_on():
    systems = Systems()
    systems.happens["omnitron", HOOK_EVENTS] = lambda: setattr(systems, "inbox", 1)
    assert not systems.settled()


def test_a_package_refused_between_two_looks_and_planned_anew_is_under_way():
    """It had not ended when orders were looked at, and had when packages were; the new one came after that."""
    systems = Systems()

    def planned_anew():
        systems.packages += 1

    def counted_as_ended():
        systems.happens["oms", PACKAGES, proof.CANCELLED] = planned_anew

    systems.happens["oms", PACKAGES] = counted_as_ended
    assert not systems.settled()
