"""How large the pictures of two codecs say they are: their own headers count, whatever the PDF around them says.

Runs only inside the sandbox's child. A decoder makes room for what the header claims, so the claim is looked at first.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# ISO/IEC 15444-1, A.4.1 and A.5.1: start of codestream, at once followed by the size of the picture.
_JPX_START = b"\xff\x4f\xff\x51"
# ISO/IEC 14492, 7.3: segments that begin with a width and a height; 48 is the page's own.
_JBIG2_SIZED = frozenset({4, 6, 7, 20, 22, 23, 36, 38, 39, 40, 42, 43, 48})
_UNKNOWN = 0xFFFF_FFFF  # 7.4.8.2: a page in stripes does not say how high it is, a segment (7.2.7) not how long
_MOST_SEGMENTS = 10_000


CODECS = frozenset({"/JPXDecode", "/JBIG2Decode"})


def pixels_claimed(name: str, data: bytes) -> int:
    """The pixels of the largest picture that a stream's header claims; `name` is its filter. 0 for other filters."""
    if name == "/JPXDecode":
        return max(_jpx_sizes(data), default=0)
    return max(_jbig2_sizes(data), default=0) if name == "/JBIG2Decode" else 0


def _jpx_sizes(data: bytes) -> Iterator[int]:
    at = data.find(_JPX_START)
    while at >= 0:
        size = data[at + 8 : at + 24]
        if len(size) == 16:
            right, bottom, left, top = struct.unpack(">4I", size)
            yield max(0, right - left) * max(0, bottom - top)
        at = data.find(_JPX_START, at + 4)


def _jbig2_sizes(data: bytes) -> Iterator[int]:
    """Segment by segment (7.2); ends where the headers lead out of the data."""
    at = 0
    for _ in range(_MOST_SEGMENTS):
        if at + 6 > len(data):
            return
        number, flags, count = struct.unpack_from(">IBB", data, at)
        at += 5
        if count >> 5 == 7:
            count = int.from_bytes(data[at : at + 4], "big") & 0x1FFF_FFFF
            at += 4 + (count + 8) // 8
        else:
            count >>= 5
            at += 1
        at += count * (1 if number <= 256 else 2 if number <= 65_536 else 4) + (4 if flags & 0x40 else 1)
        head = data[at : at + 12]
        if len(head) < 4:
            return
        length = int.from_bytes(head[:4], "big")
        if flags & 0x3F in _JBIG2_SIZED and len(head) == 12:
            width, height = struct.unpack(">II", head[4:])
            yield width * (1 if height == _UNKNOWN else height)
        if length == _UNKNOWN:
            return
        at += 4 + length
