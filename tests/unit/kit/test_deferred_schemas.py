"""Validators of bodies and of what routes take are made at first use, also when that is at once in several threads."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pydantic import ValidationError

from ambar.kit import rest


class Line(rest.Body):
    sku: str
    quantity: int


def made() -> type[rest.Body]:
    """A schema nobody has used yet."""

    class Order(rest.Body):
        number: str
        lines: list[Line]

    return Order


def test_a_body_is_not_built_before_it_is_used_and_refuses_as_ever_then() -> None:
    order = made()
    assert not order.__pydantic_complete__
    with pytest.raises(ValidationError, match="quantity"):
        order.model_validate({"number": "1", "lines": [{"sku": "A"}]})
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        order.model_validate({"number": "1", "lines": [], "more": 1})
    assert order.__pydantic_complete__


def test_what_a_route_takes_is_not_built_before_it_is_called() -> None:
    router = rest.Router()

    @router.post("/orders/{pk}/")
    @rest.public
    def take(request: object, pk: int, body: Line, limit: int = 5) -> None:
        """Takes from the path, from the query and a body."""

    (view,) = router.path_operations.values()
    taken: dict[str, Any] = {one.__ninja_param_source__: one for one in view.operations[0].models}
    assert {name: one.__pydantic_complete__ for name, one in taken.items()} == dict.fromkeys(
        ("path", "query", "body"), False
    )
    assert taken["path"].model_validate({"pk": "7"}).pk == 7
    assert taken["body"].model_validate({"body": {"sku": "A", "quantity": 1}}).body == Line(
        sku="A", quantity=1
    )


def test_many_threads_may_use_a_schema_first_at_the_same_time() -> None:
    given = {"number": "1", "lines": [{"sku": "A", "quantity": 2}]}
    for _ in range(5):
        order, together = made(), threading.Barrier(6)

        def use(
            _: int, order: type[rest.Body] = order, together: threading.Barrier = together
        ) -> dict[str, object]:
            together.wait(20)
            return order.model_validate(given).model_dump()

        with ThreadPoolExecutor(6) as crew:
            assert list(crew.map(use, range(6))) == [given] * 6
