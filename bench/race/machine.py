"""Processor time and memory of processes, from /proc."""

import os
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def tree(root: int) -> set[int]:
    """The ids of a process and its descendants."""
    parents = dict(_parents())
    pids, size = {root}, 0
    while len(pids) > size:
        size = len(pids)
        pids |= {pid for pid, parent in parents.items() if parent in pids}
    return pids


def run_times(root: int) -> dict[str, int]:
    """The nanoseconds that each thread of a process and its descendants has run.

    From the scheduler: clock ticks miss the short bursts in which a database works.
    """
    times = {}
    for pid in tree(root):
        for thread in _listed(_PROC / str(pid) / "task"):
            try:
                schedstat = (_PROC / str(pid) / "task" / thread / "schedstat").read_text()
                times[thread] = int(schedstat.split()[0])
            except (OSError, IndexError):
                continue  # it has just ended
    return times


def between(before: dict[str, int], after: dict[str, int]) -> float:
    """The processor seconds between two readings, without threads that ended in between."""
    return sum(time - before.get(thread, 0) for thread, time in after.items()) / 1e9


def memory(root: int) -> float:
    """The resident memory of a process and its descendants, in megabytes."""
    pages = 0
    for pid in tree(root):
        try:
            pages += int((_PROC / str(pid) / "statm").read_text().split()[1])
        except OSError:
            continue
    return pages * _PAGE / 1e6


def pin(root: int, cores: set[int]) -> None:
    """Bind a process and its descendants to cores; later children inherit them."""
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
                stat = (_PROC / name / "stat").read_text()
            except OSError:
                continue
            yield int(name), int(stat.rpartition(")")[2].split()[1])


def _listed(folder: Path) -> list[str]:
    try:
        return [path.name for path in folder.iterdir()]
    except OSError:
        return []  # it has just ended
