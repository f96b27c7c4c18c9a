"""The instructions of the Dockerfile."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]


@dataclass(frozen=True)
class Instruction:
    """An instruction, as ``RUN``, and its arguments. ``stage`` counts from 0."""

    stage: int
    name: str
    arguments: str

    @property
    def words(self) -> list[str]:
        """The arguments of an instruction in the exec form, or one after the other."""
        if self.arguments.startswith("["):
            words: list[str] = json.loads(self.arguments)
            return words
        return self.arguments.split()


def instructions() -> Iterator[Instruction]:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    lines = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    stage = -1
    for line in filter(None, lines):
        name, _, arguments = line.partition(" ")
        stage += name == "FROM"
        yield Instruction(stage, name, arguments.strip())


def in_context() -> list[str]:
    """The names at the root of the repository that ``.dockerignore`` lets into the image."""
    patterns = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    return [pattern[1:] for pattern in patterns if pattern.startswith("!")]
