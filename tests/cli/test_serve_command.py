"""`ambar <system> serve`, as far as nothing has to be started for it."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from ambar.cli.main import app


@pytest.mark.parametrize("system", ["oms", "seller-center", "omnitron"])
def test_one_process_that_serves_and_works_is_never_several(system):
    answer = CliRunner().invoke(app, [system, "serve", "--work", "--workers", "2"])
    assert answer.exit_code == 2
    assert "leave --workers at 1" in answer.output
