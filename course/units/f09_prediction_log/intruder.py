"""What somebody finds out about readers who has the log and the code, a list of all library cards, and not the key."""

from __future__ import annotations

import base64
import bz2
import contextlib
import lzma
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from course.contract.processes.calls import CallError

if TYPE_CHECKING:
    from course.contract.artifacts.modules import Ship
    from course.units.f09_prediction_log.world import Event

#: What they have instead of the key.
GUESS = b"not the key of this log, 32 byte"
#: How streams of zlib, gzip, bzip2 and xz begin.
STREAMS = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08|BZh|\xfd7zXZ")
#: A card's number that is no part of another number; with fewer digits it may be a catalogue number.
NUMBERS = re.compile(rb"(?<![\d.])[1-9]\d{6}(?![\d.])")
#: Where to stop unpacking.
MOST_STREAMS, MOST_BYTES = 2_000, 1_000_000


def found(ship: Ship, data: bytes, events: Sequence[Event]) -> set[str]:
    """Cards of those whom they find. `events` are the decisions in the log."""
    cards = sorted({one["card"] for one in events})
    texts = [data, *_unpacked(data)]
    named: set[str] = set()
    with contextlib.suppress(CallError, TypeError, ValueError, AttributeError), ship.open() as shipped:
        read = shipped.call("decode", data, GUESS)
        texts.append(repr(read).encode())
        known = {repr(one.get("person")) for one in read}
        samples = [[next(one for one in events if one["card"] == card)] for card in cards]
        logs = shipped.map("encode", [(sample, GUESS) for sample in samples])
        tried = shipped.map("decode", [(log, GUESS) for log in logs])
        named |= {card for card, (one,) in zip(cards, tried, strict=True) if repr(one.get("person")) in known}
    whole = b"\0".join(texts)
    numbers = {b"L" + digits for digits in NUMBERS.findall(whole)}
    for one in events:
        if one["card"] not in named and (
            one["card"].encode() in numbers or any(trace in whole for trace in _traces(one))
        ):
            named.add(one["card"])
    return named


def _traces(event: Event) -> Iterator[bytes]:
    """What a reader's card, address or device may look like in bytes."""
    card, address = event["card"], event["address"]
    number = int(card[1:])
    for text in (card, address, event["device"]):
        yield text.encode()
        yield text.encode("utf-16-le")
        yield text.encode().hex().encode()
        yield base64.b64encode(text.encode()).rstrip(b"=")[:-1]
    if number >= 2**16:  # the bytes of small ones are everywhere
        yield number.to_bytes(4, "little")
        yield number.to_bytes(4, "big")


def _unpacked(data: bytes) -> Iterable[bytes]:
    """What can be unpacked at any place of the log."""
    for match in list(STREAMS.finditer(data))[:MOST_STREAMS]:
        start = match.group()
        if start == b"BZh":
            stream = bz2.BZ2Decompressor()
        elif start == b"\xfd7zXZ":
            stream = lzma.LZMADecompressor()
        else:
            stream = zlib.decompressobj(31 if start == b"\x1f\x8b\x08" else 15)
        try:
            yield stream.decompress(data[match.start() :], MOST_BYTES)
        except (OSError, EOFError, zlib.error, lzma.LZMAError):
            continue
