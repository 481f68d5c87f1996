"""What a suite has done so far, a line per run, so that one that was interrupted goes on where it stopped."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.faults.suite import Run

FILE = Path(tempfile.gettempdir()) / "ambar-faults.jsonl"


@dataclass(frozen=True, slots=True)
class Progress:
    """A file: first what was asked for, then the runs."""

    path: Path

    @classmethod
    def begun(cls, asked: dict[str, Any], path: Path = FILE) -> Progress:
        """A suite that begins; what an earlier one left is forgotten."""
        path.write_text(json.dumps(asked) + "\n")
        return cls(path)

    @classmethod
    def resumed(cls, asked: dict[str, Any], path: Path = FILE) -> Progress:
        """A suite that goes on.

        :raises SystemExit: there is none, or it was asked for in another way.
        """
        if not path.exists():
            raise SystemExit(f"{path} is not there: nothing to go on with")
        before = json.loads(path.read_text().splitlines()[0])
        if before != asked:
            raise SystemExit(f"the suite in {path} was asked for with {before}, not with {asked}")
        return cls(path)

    def add(self, run: Run) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps(asdict(run)) + "\n")

    def finished(self) -> list[Run]:
        """The runs so far; a line that was being written when the suite was killed is none."""
        from tests.faults.suite import Run

        found = []
        for line in self.path.read_text().splitlines()[1:]:
            try:
                found.append(Run(**json.loads(line)))
            except ValueError:
                break
        return found
