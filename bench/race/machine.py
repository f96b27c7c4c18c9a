"""What a run costs the machine: processor time and memory by process, from /proc."""

import os
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def tree(root: int) -> set[int]:
    """A process and all that come of it."""
    parents = dict(_parents())
    found, size = {root}, 0
    while len(found) > size:
        size = len(found)
        found |= {pid for pid, parent in parents.items() if parent in found}
    return found


def ran(root: int) -> dict[str, int]:
    """For how many nanoseconds each thread of a process and its children has run.

    The scheduler's own count: clock ticks miss the short bursts in which a database works.
    """
    times = {}
    for pid in tree(root):
        for thread in _listed(_PROC / str(pid) / "task"):
            try:
                said = (_PROC / str(pid) / "task" / thread / "schedstat").read_text()
                times[thread] = int(said.split()[0])
            except (OSError, IndexError):
                continue  # it has just ended
    return times


def between(before: dict[str, int], after: dict[str, int]) -> float:
    """The seconds that ran from one look to another; what ended in between does not count."""
    return sum(time - before.get(thread, 0) for thread, time in after.items()) / 1e9


def memory(root: int) -> float:
    """What a process and its children hold in memory, in megabytes."""
    pages = 0
    for pid in tree(root):
        try:
            pages += int((_PROC / str(pid) / "statm").read_text().split()[1])
        except OSError:
            continue
    return pages * _PAGE / 1e6


def pin(root: int, cores: set[int]) -> None:
    """Bind a process, and its children, to cores; what they start later inherits it."""
    for pid in tree(root):
        for thread in _listed(_PROC / str(pid) / "task"):
            try:
                os.sched_setaffinity(int(thread), cores)
            except ProcessLookupError:
                continue


def _parents() -> Iterator[tuple[int, int]]:
    for name in _listed(_PROC):
        if name.isdigit():
            try:
                said = (_PROC / name / "stat").read_text()
            except OSError:
                continue
            yield int(name), int(said.rpartition(")")[2].split()[1])


def _listed(folder: Path) -> list[str]:
    try:
        return [one.name for one in folder.iterdir()]
    except OSError:
        return []  # it has just ended
