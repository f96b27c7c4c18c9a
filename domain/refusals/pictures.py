"""Refusals of uploaded pictures."""

from dataclasses import dataclass

from domain.refusals.refusal import Refusal, fact
from domain.text import Text


@dataclass(frozen=True, kw_only=True)
class TooManyPictures(Refusal):
    """The number of pictures is over the limit."""

    text = Text(
        "最多 {limit} 张图片, 收到 {found} 张",
        "At most {limit} pictures are allowed; {found} were given.",
    )
    limit: int = fact("The maximum number of pictures.")
    found: int = fact("The number of pictures that were given.")


@dataclass(frozen=True, kw_only=True)
class PictureTooLarge(Refusal):
    """The file or the picture is too large. Nothing was stored."""

    text = Text(
        "图片须小于 {limit:,} 字节, 且不超过 {pixel_limit:,} 像素",
        "A picture must have fewer than {limit:,} bytes and at most {pixel_limit:,} pixels.",
    )
    bytes: int = fact("The size of the file, in bytes.")
    limit: int = fact("The size that the file must stay below, in bytes.")
    pixels: int | None = fact("The number of pixels. Null if the file is too large to look at.")
    pixel_limit: int = fact("The maximum number of pixels.")


@dataclass(frozen=True, kw_only=True)
class NotAPicture(Refusal):
    """The file does not decode as a picture of an accepted format."""

    text = Text(
        "不是有效图片, 支持 {accepted}",
        "The file is not a valid picture; accepted formats: {accepted}.",
    )
    accepted: tuple[str, ...] = fact("The accepted formats.")
