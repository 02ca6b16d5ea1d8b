"""How large a picture is when it is drawn, by its first bytes: some kilobytes may stand for gigabytes of points."""

from __future__ import annotations

#: Points that a picture may have: a page of a poster.
MOST_PIXELS = 40_000_000
TYPES = ("image/png", "image/jpeg")
_SIZES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


def fits(content: bytes) -> bool:
    """True for a PNG or JPEG file of at most MOST_PIXELS points."""
    size = _png(content) if content.startswith(b"\x89PNG\r\n\x1a\n") else _jpeg(content)
    return size is not None and 0 < size[0] * size[1] <= MOST_PIXELS


def _png(content: bytes) -> tuple[int, int] | None:
    if len(content) < 24 or content[12:16] != b"IHDR":
        return None
    return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")


def _jpeg(content: bytes) -> tuple[int, int] | None:
    if not content.startswith(b"\xff\xd8"):
        return None
    at, sizes = 2, []
    while at + 9 <= len(content) and content[at] == 0xFF:
        kind, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if kind in _SIZES:
            sizes.append(
                (int.from_bytes(content[at + 7 : at + 9], "big"), int.from_bytes(content[at + 5 : at + 7], "big"))
            )
        if kind == 0xDA or length < 2:  # what follows are points
            break
        at += 1 if kind == 0xFF else 2 + length
    return max(sizes, key=lambda size: size[0] * size[1]) if sizes else None
