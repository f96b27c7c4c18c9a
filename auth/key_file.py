"""The file of the signing key: a key a line, and since when it signs; the first one does."""

import os
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from auth.keys import Keys


class NotYet(Exception):
    """Something still needs a key that was to be retired. The message is one line."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key as base64, and when it began to sign: None for never, and for a time unknown."""

    text: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys that are accepted; the first one signs."""

    keys: tuple[Key, ...]

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """Of the setting. Raises ValueError."""
        Keys.read(text)
        return cls(tuple(Key(part.strip()) for part in text.split(",")))

    @property
    def setting(self) -> str:
        """As the setting has it."""
        return ",".join(key.text for key in self.keys)

    def announce(self, now: datetime) -> "KeyRing":
        """Accept a new key, which signs nothing yet."""
        first, *others = self.keys
        return KeyRing((replace(first, since=first.since or now), *others, Key(Keys.fresh())))

    def use(self, now: datetime) -> "KeyRing":
        """Let the key that was announced sign, or a new one, and accept the others."""
        ring = self if self.has_announced else self.announce(now)
        *others, new = ring.keys
        return KeyRing((replace(new, since=now), *others))

    @property
    def has_announced(self) -> bool:
        """Whether the last key never signed. In a setting, which has no times, it is taken so."""
        return len(self.keys) > 1 and self.keys[-1].since is None

    def retire(self) -> "KeyRing":
        """Accept the signing key alone."""
        return KeyRing(self.keys[:1])


def read(file: Path) -> KeyRing:
    """Raises OSError, or ValueError if it holds no keys."""
    lines = [line.split() for line in file.read_text("utf-8").splitlines() if line.strip()]
    keys = [Key(text, *map(datetime.fromisoformat, since[:1])) for text, *since in lines]
    Keys.read(",".join(key.text for key in keys))
    return KeyRing(tuple(keys))


def create(file: Path) -> None:
    """Write a file with a new key. Raises OSError."""
    file.touch(mode=0o600)
    file.write_text(Keys.fresh())


def write(file: Path, ring: KeyRing) -> None:
    """Replace the file. Raises OSError; FileExistsError if another command is at it."""
    lines = [
        f"{key.text} {key.since.isoformat() if key.since else ''}".strip() for key in ring.keys
    ]
    new = file.with_name(f"{file.name}.new")
    new.touch(mode=0o600, exist_ok=False)
    with new.open("w", encoding="utf-8") as content:
        content.write("\n".join(lines) + "\n")
        content.flush()
        os.fsync(content.fileno())
    new.replace(file)
