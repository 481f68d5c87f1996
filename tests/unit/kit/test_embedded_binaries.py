"""The embedded PostgreSQL's programs."""

from __future__ import annotations

import os
import subprocess
import sys


def test_they_are_found_without_a_word_where_no_session_has_made_directories() -> None:
    """In a container nobody sets XDG_RUNTIME_DIR: the first line of a first start was a warning about it."""
    environment = {name: value for name, value in os.environ.items() if name != "XDG_RUNTIME_DIR"}
    code = "from ambar.kit.postgres import binaries; assert (binaries() / 'postgres').exists()"
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", code], env=environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
