"""Colours of untrusted pictures: profiles, and pixels of more or less than 8 bits.

What is stored has no profile, so its colours are those of sRGB, which viewers then assume.
"""

import io
from contextlib import suppress
from typing import Final

from PIL import Image, ImageCms

_PNG_DEPTH: Final = 24
"""The offset of the bit depth in a PNG."""
_DEEPEST: Final = 16
_MODES: Final = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}
"""The mode that each colour space of a profile takes."""
_FLAGS: Final = ImageCms.Flags.BLACKPOINTCOMPENSATION


def in_srgb(image: Image.Image, data: bytes) -> Image.Image:
    """The picture in the colours of sRGB, in any mode but ``CMYK``. ``data`` is its file."""
    profile = image.info.get("icc_profile")
    if image.mode in {"1", "P"} and not profile and "transparency" not in image.info:
        return image  # with a byte or more for each pixel, it would need more bytes
    depth = data[_PNG_DEPTH] if image.format == "PNG" else 8
    image = _in_8_bits(image, depth)
    if isinstance(profile, bytes) and profile:
        # A profile that is broken, or that is for other colours, says nothing.
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            return _converted(image, profile)
    return image if image.mode in {"L", "RGB", "RGBA"} else image.convert("RGB")


def _in_8_bits(image: Image.Image, depth: int) -> Image.Image:
    """The picture in ``L``, ``RGB``, ``RGBA`` or ``CMYK``."""
    transparent = image.info.get("transparency")
    if image.mode.startswith("I"):
        return _from_16_bits(image, transparent)
    if image.mode in {"P", "PA"}:
        has_alpha = transparent is not None or image.mode == "PA"
        return image.convert("RGBA" if has_alpha else "RGB")
    if image.mode == "1":
        image = image.convert("L")
    if transparent is not None and image.mode in {"L", "RGB"}:
        image.info["transparency"] = _scaled(transparent, depth)
        return image.convert("RGBA")
    return image.convert("RGBA") if image.mode in {"LA", "La", "RGBa"} else image


def _from_16_bits(image: Image.Image, transparent: object) -> Image.Image:
    wide = image.convert("I")
    grey = wide.point([value // 257 for value in range(1 << 16)], "L")
    if not isinstance(transparent, int):
        return grey
    opacity = [0 if value == transparent else 255 for value in range(1 << 16)]
    return Image.merge("RGBA", (grey, grey, grey, wide.point(opacity, "L")))


def _scaled(transparent: int | tuple[int, ...], depth: int) -> int | tuple[int, ...]:
    """The transparent colour in 8 bits: a PNG gives it in the bits of its own pixels."""
    if isinstance(transparent, tuple):
        shift = 8 if depth == _DEEPEST else 0
        return tuple(value >> shift for value in transparent)
    return min(transparent * 255 // ((1 << depth) - 1), 255)  # Pillow has scaled one bit


def _converted(image: Image.Image, profile: bytes) -> Image.Image:
    """Raises PyCMSError and others for a profile that cannot be used."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    mode = _MODES[source.profile.xcolor_space]
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    if image.mode != mode:
        if mode == "CMYK" or image.mode == "CMYK":
            message = "the profile is for other colours"
            raise ValueError(message)
        image = image.convert(mode)
    image = (
        ImageCms.profileToProfile(
            image,
            source,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=_FLAGS,
        )
        or image
    )
    if alpha is not None:
        image.putalpha(alpha)
    return image
