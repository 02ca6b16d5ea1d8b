"""Hints of f09, by step: from a nudge to nearly the way."""

HINTS = {
    "estimates": (
        "Write the units beside each number. Every visit makes one decision and 1.9 reports.",
        "Pairs of n people are n²/2; each pair has one chance in 2³² to share 32 bits.",
        "For the last one: how often is that one book shown today? 4 % of visits, shared by 16 books.",
    ),
    "baseline": (
        "`json.dumps` of a dict with the fields that are kept, and a newline behind each. `str.encode` makes bytes.",
        "`decode` is `json.loads` of each of `data.splitlines()`; a decision gets `person` and `propensity`, a label "
        "is ready as it is.",
        '`event["person"] = event.pop("card")`, `event["propensity"] = 1 / len(event["candidates"])`. `forget` must be '
        "there; it may be one line that leaves lines out.",
    ),
    "artifact": (
        "One record for each event, which can be read without any other. `struct` packs the fields of fixed size, and "
        "`zlib.crc32` says whether a record is whole.",
        "A record that begins with its length and its checksum tells where the next one begins. If the checksum is "
        "wrong, the length may be wrong, too: go one byte further and try again, until a checksum is right.",
        "The pseudonym is `hmac.digest(key, card.encode(), 'sha256')`, and the first 8 bytes of it are enough. Don't "
        "keep address and device, nor any probability but that of the action.",
        "Relative errors matter for weights: keep `round(-3000 * log2(p))` in two bytes. For the context, "
        "`round(4000 * log1p(x))` goes from 0 to ten million in two bytes.",
        "`forget` needs two passes: the ids of the person's decisions first, since a label may stand before the "
        "decision. Decode, leave out, write records again; `encode` and `forget` share the function that writes one.",
        "Old files are known by their first bytes. Let their readers give the very dicts that `decode` returns, and "
        'the rest need not know of versions. A card of version 2 is `f"L{number:07d}"`.',
    ),
}
