"""A process that has settled looks for garbage rarely, and never through what start-up made."""

import subprocess
import sys

SETTLED = "import gc; from ambar.kit import garbage; garbage.settle(); print(gc.get_freeze_count() > 1000, gc.get_threshold())"


def test_start_up_is_taken_out_of_the_walk():
    told = subprocess.run([sys.executable, "-c", SETTLED], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "True (50000, 20, 20)"
