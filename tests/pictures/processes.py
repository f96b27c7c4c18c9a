"""What the system tells of a process: its children, and the memory that it had at most."""

import os
from contextlib import suppress
from pathlib import Path


def children_of(pid: int) -> list[int]:
    """The decoders that a process has started."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that ended meanwhile
            found += map(int, (task / "children").read_text().split())
    return [one for one in found if _decodes(one)]


def _decodes(pid: int) -> bool:
    try:
        return b"resolvers.decoding.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
        return False


def peak_of(pid: int) -> int:
    """The most memory that a process had at a time, in bytes; nothing for one that has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    peaks = [line.split()[1] for line in lines if line.startswith("VmHWM")]
    return int(peaks[0]) * 1024 if peaks else 0


def processor_s_of(pid: int) -> float:
    """How long a process has had a processor."""
    used = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")
