"""How a picture is framed on the pipe to a decoder."""

import struct
from typing import Final

LENGTH: Final = struct.Struct(">I")
"""The length in bytes that goes before a picture and before an answer."""
