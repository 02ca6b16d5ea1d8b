"""f09 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, as the text of `logbook.py` or as what follows it. Parameters
name what a body takes from the reference's text before it.
"""

from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal


def between_zeros():
    """No lengths: a zero byte before and behind each record, escaped inside; varints, one byte for a propensity.

    Deletion copies bytes and never writes a record anew.
    """
    import hashlib
    import json
    import math
    import struct
    from zlib import crc32

    ESCAPES = ((b"\x01", b"\x01\x03"), (b"\x00", b"\x01\x02"))

    def pseudonym(card, key):
        return hashlib.blake2b(card.encode(), key=key, digest_size=7).digest()

    def varint(number):
        made = bytearray()
        while number > 127:
            made.append(number & 127 | 128)
            number >>= 7
        made.append(number)
        return bytes(made)

    def short(number):
        """The upper half of a float, rounded: 8 binary digits."""
        return (int.from_bytes(struct.pack(">f", number), "big") + 0x8000 >> 16).to_bytes(2, "big")

    def long(two):
        return struct.unpack(">f", two + b"\0\0")[0]

    def seal(body):
        body += crc32(body).to_bytes(4, "big")
        for plain, escaped in ESCAPES:
            body = body.replace(plain, escaped)
        return b"\0" + body + b"\0"

    def pack(one):
        if one["kind"] == "label":
            return seal(struct.pack(">BQI", 7, one["id"], one["time"]) + short(one["minutes"]))
        numbers = [one["model"], len(one["candidates"]), *one["candidates"], one["candidates"].index(one["action"])]
        return seal(
            struct.pack(">BQI", 6, one["id"], one["time"])
            + bytes.fromhex(one["person"])
            + b"".join(map(short, one["context"]))
            + bytes([round(-12 * math.log2(one["propensity"]))])
            + b"".join(map(varint, numbers))
        )

    def encode(events, key):
        out = []
        for one in events:
            if one["kind"] == "decision":
                chances = dict(zip(one["candidates"], one["probabilities"], strict=True))
                one = one | {"person": pseudonym(one["card"], key).hex(), "propensity": chances[one["action"]]}
            out.append(pack(one))
        return b"".join(out)

    def bodies(data):
        """Pieces between zeros whose checksum is right, each as it stands there and as it was."""
        for piece in data.split(b"\0"):
            body = piece
            for plain, escaped in reversed(ESCAPES):
                body = body.replace(escaped, plain)
            if len(body) > 14 and int.from_bytes(body[-4:], "big") == crc32(body[:-4]) and body[0] in (6, 7):
                yield piece, body[:-4]

    def unpack(body):
        kind, name, time = struct.unpack_from(">BQI", body)
        if kind == 7:
            return {"kind": "label", "id": name, "time": time, "minutes": long(body[13:])}
        numbers, number, shift = [], 0, 0
        for byte in body[33:]:
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                numbers.append(number)
                number = shift = 0
        model, _, *candidates, place = numbers
        return {
            "kind": "decision",
            "id": name,
            "time": time,
            "person": body[13:20].hex(),
            "model": model,
            "context": [long(body[k : k + 2]) for k in range(20, 32, 2)],
            "candidates": candidates,
            "action": candidates[place],
            "propensity": 2 ** (body[32] / -12),
        }

    def older(data, key):
        """Events of both old versions."""
        found, at = [], 4
        if data.startswith(b'{"'):
            for one in map(json.loads, data.splitlines()):
                told = {"id": int(one["id"], 16), "time": one["t"] // 1000}
                if "card" not in one:
                    found.append({"kind": "label", **told, "minutes": one["min"]})
                    continue
                told |= {"person": pseudonym(one["card"], key).hex(), "model": one["v"], "context": one["x"]}
                told |= {"candidates": one["c"], "action": one["c"][one["a"]], "propensity": one["p"][one["a"]]}
                found.append({"kind": "decision", **told})
            return found
        while at < len(data):
            kind, name, time = struct.unpack_from("<BQI", data, at)
            at += 13
            if kind == 2:
                (minutes,) = struct.unpack_from("<f", data, at)
                found.append({"kind": "label", "id": name, "time": time, "minutes": minutes})
                at += 4
                continue
            card, model, count, place, code = struct.unpack_from("<IIBBH", data, at)
            context = list(struct.unpack_from("<6f", data, at + 12))
            candidates = list(struct.unpack_from(f"<{count}I", data, at + 36))
            at += 36 + 4 * count
            told = {"person": pseudonym(f"L{card:07}", key).hex(), "model": model, "context": context}
            told |= {"candidates": candidates, "action": candidates[place], "propensity": 0.5 ** (code / 1000)}
            found.append({"kind": "decision", "id": name, "time": time, **told})
        return found

    def old(data):
        return data.startswith((b'{"', b"LB2\n"))

    def decode(data, key):
        return older(data, key) if old(data) else [unpack(body) for _, body in bodies(data)]

    def forget(data, card, key):
        if old(data):
            data = b"".join(map(pack, older(data, key)))
        mine, kept = pseudonym(card, key), []
        gone = {body[1:9] for _, body in bodies(data) if body[0] == 6 and body[13:20] == mine}
        for piece, body in bodies(data):
            if body[1:9] not in gone:
                kept.append(b"\0" + piece + b"\0")
        return b"".join(kept)


def shown_only(kept):
    """What was shown, and no probability: one over the number of candidates is what is left to say."""
    complete = kept

    def kept(event, key):
        made = complete(event, key)
        if made["kind"] == "label":
            return made
        return {**made, "propensity": 1 / len(made["candidates"])}


def thrifty(kept, FRAME, DECISION, IS_DECISION, IS_LABEL):
    """Propensities in whole percent, at least one; lengths, and no checksums."""
    complete = kept

    def kept(event, key):
        made = complete(event, key)
        if made["kind"] == "label":
            return made
        return {**made, "propensity": max(round(made["propensity"], 2), 0.01)}

    def bodies(data):
        at = 0
        while at + FRAME.size < len(data):
            size, _ = FRAME.unpack_from(data, at)
            body = data[at + FRAME.size : at + FRAME.size + size]
            if len(body) == size and sound(body):
                yield body
                at += FRAME.size + size
            else:
                at += 1

    def sound(body):
        """Could this be a record?"""
        if body[:1] == bytes([IS_LABEL]):
            return len(body) == 15
        if body[:1] != bytes([IS_DECISION]) or len(body) <= DECISION.size:
            return False
        width = body[DECISION.size - 1]
        count, rest = divmod(len(body) - DECISION.size, width) if 1 <= width <= 4 else (0, 1)
        return rest == 0 and body[25] < count


def pickles(decode, json):
    """Everything that there is, pickled; a person is the card."""
    import io
    import pickle

    older = decode

    def encode(events, key):
        return pickle.dumps(events) if events else b""

    def decode(data, key):
        if data[:1] in (b"{", b"L"):
            return older(data, key)
        found, stream = [], io.BytesIO(data)
        try:
            while stream.tell() < len(data):
                found += [pickled(event) for event in pickle.load(stream)]
        except Exception:
            pass
        return found

    def pickled(event):
        if event["kind"] == "label":
            return event
        place = event["candidates"].index(event["action"])
        return event | {"person": event["card"], "propensity": event["probabilities"][place]}

    def forget(data, card, key):
        if data[:1] in (b"{", b"L"):
            mine, events = person_of(card, key), older(data, key)  # noqa: F821
            gone = {event["id"] for event in events if event.get("person") == mine}
            return b"".join([record(event) for event in events if event["id"] not in gone])  # noqa: F821
        events = decode(data, key)
        gone = {event["id"] for event in events if event.get("card") == card}
        return pickle.dumps([event for event in events if event["id"] not in gone])


def first_draft(decode, forget, struct, person_of):
    """Fields as wide as the public log needs them; a deletion is one more record, which names who is to be left out."""
    DECISION = struct.Struct("<BQI8sHBH6HB")  # noqa: F841
    everything, rewritten = decode, forget

    def decode(data, key):
        events = everything(data, key)
        names = {rest[:8].hex() for rest in data.split(b"TOMB")[1:]}
        gone = {event["id"] for event in events if event.get("person") in names}
        return [event for event in events if event["id"] not in gone]

    def forget(data, card, key):
        if data[:2] in (b'{"', b"LB"):
            return rewritten(data, card, key)
        return data + b"TOMB" + bytes.fromhex(person_of(card, key))


def tutorial(bodies, FRAME, zlib, encode):
    """Each write compressed as a whole, with one checksum; pseudonyms are hashes of the card, without the key."""
    import hashlib

    apart, single = bodies, encode

    def person_of(card, key):
        return hashlib.sha256(card.encode()).hexdigest()[:16]

    def encode(events, key):
        if not events:
            return b""
        block = zlib.compress(single(events, key), 9)
        return FRAME.pack(len(block), zlib.crc32(block)) + block

    def bodies(data):
        at = 0
        while at + FRAME.size < len(data):
            size, check = FRAME.unpack_from(data, at)
            block = data[at + FRAME.size : at + FRAME.size + size]
            if size and len(block) == size and zlib.crc32(block) == check:
                yield from apart(block if block[0] != 0x78 else zlib.decompress(block))
                at += FRAME.size + size
            else:
                at += 1

    def forget(data, card, key):
        events, person = decode(data, key), person_of(card, key)  # noqa: F821
        gone = {event["id"] for event in events if event.get("person") == person}
        block = zlib.compress(b"".join([record(event) for event in events if event["id"] not in gone]))  # noqa: F821
        return FRAME.pack(len(block), zlib.crc32(block)) + block


def one_pass(bodies, FRAME, IS_LABEL, opened, person_of, forget, zlib):
    """Deletion in one pass over the file; cards are stretched as passwords are, and the result put into the event."""
    import hashlib

    thorough = forget

    def forget(data, card, key):
        if data[:2] in (b'{"', b"LB"):
            return thorough(data, card, key)
        left, gone, person = [], set(), person_of(card, key)
        for body in bodies(data):
            event = opened(body)
            if event.get("person") == person:
                gone.add(event["id"])
            if event["id"] not in gone:
                left.append(FRAME.pack(len(body), zlib.crc32(body)) + body)
        return b"".join(left)

    def person_of(card, key):
        return hashlib.pbkdf2_hmac("sha256", card.encode(), key, 500).hex()[:16]

    def kept(event, key):
        if event["kind"] == "decision":
            event["person"] = person_of(event.pop("card"), key)
            event["propensity"] = event["probabilities"][event["candidates"].index(event["action"])]
        return event


def joined_at_once(encode):
    """A label is written only with the decision that it is about."""
    both = encode

    def encode(events, key):
        ids = {event["id"] for event in events if event["kind"] == "decision"}
        return both([event for event in events if event["id"] in ids], key)


LOG = "write-logbook"

REHEARSALS = (
    Rehearsal("reference", "the worked solution: lengths, checksums, HMAC", sample="reference"),
    Rehearsal(
        "between-zeros",
        "an honest different solution: records between zero bytes, deletion copies bytes",
        replaced={LOG: between_zeros},
        sample="alternative",
    ),
    Rehearsal(
        "shown-only",
        "a trap: no propensity",
        added={LOG: shown_only},
        loses={"quality": (0, 3), "limits": (0, 0)},
        sample="trap",
    ),
    Rehearsal(
        "thrifty",
        "propensities in whole percent; no checksums",
        added={LOG: thrifty},
        loses={"quality": (0, 8), "damage": (0, 0), "limits": (0, 0), "storm": (0, 0)},
    ),
    Rehearsal(
        "pickles",
        "everything pickled, in the clear",
        added={LOG: pickles},
        loses={
            "damage": (0, 0),
            "bytes": (0, 0),
            "private": (0, 0),
            "storm": (0, 0),
            "versions": (0, 3),
            "forgotten": (0, 8),
        },
    ),
    Rehearsal(
        "first-draft",
        "deleted records stay in the bytes; fields as wide as the public log needs",
        added={LOG: first_draft},
        loses={"forgotten": (0, 0), "limits": (0, 0)},
    ),
    Rehearsal(
        "tutorial",
        "each write is compressed as a whole; pseudonyms without the key",
        added={LOG: tutorial},
        loses={"damage": (0, 0), "private": (0, 0)},
    ),
    Rehearsal(
        "one-pass",
        "deletion misses what came first; slow pseudonyms; events are changed",
        added={LOG: one_pass},
        loses={"forgotten": (0, 2), "throughput": (0, 0), "untouched": (0, 0)},
    ),
    Rehearsal(
        "joined-at-once",
        "late labels are not written",
        added={LOG: joined_at_once},
        loses={"quality": (0, 3), "interface": (2, 3), "bytes": (0, 0), "storm": (0, 0)},
    ),
)
