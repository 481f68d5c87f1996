"""Memory that nothing uses goes back to the system, also from the middle of the heap."""

import subprocess
import sys

import pytest

from ambar.kit import garbage

HELD = """
from pathlib import Path
from ambar.kit import garbage

def megabytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

blocks = [bytes(2000) for _ in range(20_000)]
kept = blocks[::50]
del blocks
before = megabytes()
garbage.give_back()
print(before - megabytes())
"""


@pytest.mark.skipif(garbage._trim is None, reason="this C library gives nothing back when asked")
def test_what_lies_between_blocks_still_used_is_given_back() -> None:
    answer = subprocess.run([sys.executable, "-c", HELD], capture_output=True, text=True, check=True)
    assert float(answer.stdout) > 20
