"""How a task is framed on the pipe to a decoder."""

import struct
from typing import Final

HEAD: Final = struct.Struct(">II")
"""What goes before a picture: the width of the thumbnail to make, 0 to clean the picture instead,
and the picture's length in bytes."""
