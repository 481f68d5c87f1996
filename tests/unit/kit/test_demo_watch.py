"""When the demo asks the systems whether everything has settled."""

from types import SimpleNamespace

from ambar.cli.demo import command


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
