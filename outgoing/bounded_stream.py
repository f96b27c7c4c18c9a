"""A network stream that gives out a limited number of bytes."""

from typing import Any, Final

from httpcore2 import AsyncNetworkStream

PIECE: Final = 4_096
"""Bytes of a read. Small, since what is read beyond the headers counts as body."""


class TooManyBytes(Exception):
    """The peer sends more than it may."""


class BoundedStream(AsyncNetworkStream):
    """Reads from another stream, ``allowance`` bytes at most."""

    def __init__(self, stream: AsyncNetworkStream, allowance: int) -> None:
        self._stream = stream
        self.allowance = allowance

    async def read(
        self,
        max_bytes: int,
        timeout: float | None = None,  # noqa: ASYNC109 - as the class that it extends
    ) -> bytes:
        """Raises TooManyBytes once the allowance is used up."""
        if self.allowance <= 0:
            raise TooManyBytes
        data = await self._stream.read(min(max_bytes, PIECE, self.allowance), timeout)
        self.allowance -= len(data)
        return data

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,  # noqa: ASYNC109 - as the class that it extends
    ) -> None:
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as the class that it extends
        return self._stream.get_extra_info(info)
