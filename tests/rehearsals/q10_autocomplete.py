"""q10 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, as what replaces a cell or follows it. Parameters name what a body
takes from the text before it.
"""

from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal


def dense():
    """Every common word gets a score from three sources: common at all, after that word, after the word before that."""
    import bisect
    import io
    import zlib
    from pathlib import Path

    import numpy as np

    STORE = np.load(io.BytesIO(zlib.decompress(Path("model.bin").read_bytes())))
    WORDS = STORE["words"].tobytes().decode().split("\n")
    PLACE = {word: k for k, word in enumerate(WORDS)}
    USUAL = STORE["usual"].astype(np.float32)
    USUAL /= USUAL.sum()
    WEIGHTS = (0.0, 0.75, 0.22)

    def scores(tokens):
        total = 0.05 * USUAL
        for back in (1, 2):
            token = tokens[-back] if len(tokens) >= back else "^"
            row = PLACE.get(token, PLACE.get(token.rstrip('.,;:)!?"'), -1))
            if row < 0:
                continue
            start, end = STORE[f"rows{back}"][row : row + 2]
            uses = STORE[f"uses{back}"][start:end].astype(np.float32)
            if len(uses):
                total = total.copy()
                total[STORE[f"next{back}"][start:end]] += WEIGHTS[back] * uses / (uses.sum() + len(uses))
        return total

    STORE = {name: STORE[name] for name in STORE.files}

    def best(tokens, start, count):
        low = bisect.bisect_left(WORDS, start)
        high = bisect.bisect_left(WORDS, start + "\U0010ffff")
        found = scores(tokens)[low:high]
        few = np.argpartition(-found, count + 1)[: count + 1] if len(found) > count + 1 else np.arange(len(found))
        some = low + few[np.argsort(-found[few], kind="stable")]
        return [WORDS[k] for k in some.tolist() if WORDS[k] != start and USUAL[k] > 0][:count]

    def suggest(text):
        text = text[-400:].upper()
        tokens = text.split()
        start = tokens.pop() if text and not text[-1].isspace() else ""
        found = best(tokens, start, 3)
        return [word[len(start) :] for word in found]


def learn_dense(past, bad):
    """Counts of pairs and of pairs with a gap, of three stations or more each, as arrays."""
    import io
    import zlib
    from collections import Counter, defaultdict
    from pathlib import Path

    import numpy as np

    ENDS = '.,;:)!?"'
    who, uses = defaultdict(set), Counter()
    pairs = {1: defaultdict(lambda: defaultdict(list)), 2: defaultdict(lambda: defaultdict(list))}
    for text, station in past:
        row = ["^", "^", *text.split()]
        for k in range(2, len(row)):
            word = row[k].rstrip(ENDS)
            if not word:
                continue
            who[word].add(station)
            uses[word] += 1
            for back in (1, 2):
                pairs[back][row[k - back]][word].append(station)
    good = {word for word in who if len(who[word]) >= 3 and not bad.search(word)}
    contexts = {token for token in pairs[1] if sum(map(len, pairs[1][token].values())) > 5}
    words = sorted(good | contexts)
    place = {word: k for k, word in enumerate(words)}
    made = {"usual": np.array([uses[word] if word in good else 0 for word in words], np.int32)}
    made["words"] = np.frombuffer("\n".join(words).encode(), np.uint8)
    for back in (1, 2):
        rows, following, count = [0], [], []
        for word in words:
            for other, stations in pairs[back][word].items():
                if other in good and len(set(stations)) >= 3:
                    following.append(place[other])
                    count.append(len(stations))
            rows.append(len(following))
        made[f"rows{back}"] = np.array(rows, np.int32)
        made[f"next{back}"], made[f"uses{back}"] = np.array(following, np.int32), np.array(count, np.int32)
    file = io.BytesIO()
    np.savez(file, **made)
    Path("model.bin").write_bytes(zlib.compress(file.getvalue(), 9))


def thrice(past, bad, kept, counted, json, zlib, Path):
    """What was written three times is common."""

    def may(said, who):
        return len(who) >= 3 and not bad.search(said)

    Path("model.bin").write_bytes(zlib.compress(json.dumps(kept(*counted(past))).encode(), 9))


def two_stations(past, kept, counted, json, zlib, Path):
    """Two stations are enough."""
    STATIONS = 2  # noqa: F841
    Path("model.bin").write_bytes(zlib.compress(json.dumps(kept(*counted(past))).encode(), 9))


def words_only(past, bad, kept, counted, json, zlib, Path):
    """Three stations for each word; pairs and triples of such words need none."""
    after, along = counted(past)
    common = {word for word, who in after[""].items() if len(set(who)) >= 3}

    def may(said, who):
        good = len(who) > 1 and not bad.search(said)
        return good and all(one.rstrip('.,;:)!?"') in common for one in said.split())

    Path("model.bin").write_bytes(zlib.compress(json.dumps(kept(after, along)).encode(), 9))


def everything(past, bad, kept, counted, json, zlib, Path):
    """Whatever was counted is kept, and nothing is made smaller."""

    def may(said, who):
        return not bad.search(said)

    Path("model.bin").write_bytes(zlib.compress(json.dumps(kept(*counted(past))).encode(), 0))


def whole_words(past, blocked, kept, counted, json, zlib, Path):
    """A word is blocked if it begins so; what stands behind a slash or a bracket is no beginning."""

    def may(said, who):
        return len(set(who)) >= 3 and not any(one.startswith(tuple(blocked)) for one in said.split())

    Path("model.bin").write_bytes(zlib.compress(json.dumps(kept(*counted(past))).encode(), 9))


def by_heart(kept, counted, json, zlib, Path):
    """The package's own table, learned instead of the past."""
    from course.units.q10_autocomplete import world

    table = [(text, number) for number, text in enumerate(world.packaged()[0])]
    Path("model.bin").write_bytes(zlib.compress(json.dumps(kept(*counted(table))).encode(), 9))


def archive():
    """Past remarks that begin as this one does."""
    import bisect
    import zlib
    from pathlib import Path

    TEXTS = zlib.decompress(Path("model.bin").read_bytes()).decode().split("\n")

    def suggest(text):
        text = text.upper()
        place, found = bisect.bisect_left(TEXTS, text), []
        for other in TEXTS[place : place + 40]:
            rest = other[len(text) :][:60]
            if other.startswith(text) and rest and rest not in found:
                found.append(rest)
        return found[:3]


def learn_archive(past, bad, zlib, Path):
    """All of them but the blocked ones, in order."""
    texts = sorted({text for text, _ in past if not bad.search(text)})
    Path("model.bin").write_bytes(zlib.compress("\n".join(texts).encode(), 9))


def three_words(SHARES):
    """The three commonest words, whatever was typed."""
    ALWAYS = list(SHARES)[:3]

    def suggest(text):
        return ALWAYS if not text or text[-1].isspace() else []


def no_context(BEGINNINGS):
    """The commonest words that begin so."""

    def suggest(text):
        start = text[-60:].upper().rpartition(" ")[2]
        found = [word for word in BEGINNINGS.get(start, ()) if word != start]
        return [word[len(start) :] for word in found[:3]]


def scans(SHARES, suggest):
    """Looks at every word, each time, and sorts what it finds."""
    quick = suggest

    def suggest(text):
        start = text[-60:].upper().rpartition(" ")[2]
        ranked = sorted(SHARES, key=lambda word: (not word.startswith(start), -SHARES[word]))
        return quick(text) if ranked else []


def spelling(SHARES, suggest):
    """Where nothing begins so, the most similar words are looked for."""
    import difflib

    usual = suggest

    def suggest(text):
        found = usual(text)
        start = text[-60:].upper().rpartition(" ")[2]
        if found or len(start) < 3 or start in SHARES:
            return found
        some = difflib.get_close_matches(start, SHARES, 3, 0.75)
        return [word[len(start) :] for word in some if word.startswith(start) and word != start]


def capitals_only(AFTER, ALONG, SHARES, BEGINNINGS):
    """Right in capitals, with one space between words."""

    def suggest(text):
        before = ["^", "^", *text.split(" ")]
        start = before.pop()
        scores, mass = {}, 1.0
        for context in (f"{before[-2]} {before[-1]}", before[-1]):
            new, words = AFTER.get(context, (1.0, ()))
            for word, share in words:
                if word.startswith(start):
                    scores[word] = scores.get(word, 0.0) + mass * share
            mass *= new
        for word in BEGINNINGS.get(start, ()):
            scores.setdefault(word, 0.0)
        scores.pop(start, None)
        best = sorted(scores, key=lambda word: scores[word] + mass * SHARES[word], reverse=True)[:3]
        if best:
            more = ALONG.get(f"{before[-1]} {best[0]}") or ALONG.get(f" {best[0]}")
            if more:
                best = [best[0] + more, *best[:2]]
        return [word[len(start) :] for word in best]


def learns_on(suggest, SHARES):
    """Words that were typed already come first, in the next remark too."""
    usual, SEEN = suggest, {}

    def suggest(text):
        found = usual(text)
        for word in text.split()[:-1]:
            SEEN[word] = SEEN.get(word, 0) + 1
        start = text.rpartition(" ")[2]
        again = [word for word in SEEN if word in SHARES and word.startswith(start) and word != start]
        again = [word[len(start) :] for word in sorted(again, key=SEEN.get)[-1:] if SEEN[word] > 40]
        return [*found[:2], *[one for one in again if one not in found[:2]]]


def in_pandas(AFTER):
    """The same in tables."""
    import pandas as pd

    TABLES = [pd.DataFrame(words, columns=["word", "share"]) for _, words in AFTER.values()]  # noqa: F841


SUGGEST, LEARN = "write-suggest", "learn"

REHEARSALS = (
    Rehearsal("reference", "the worked solution: contexts mixed, stations counted", sample="reference"),
    Rehearsal(
        "dense",
        "an honest different solution: pairs and pairs with a gap, all words scored at once in arrays",
        replaced={SUGGEST: dense, LEARN: learn_dense},
        sample="alternative",
    ),
    Rehearsal(
        "thrice",
        "a trap: what was written three times is common, by whomever",
        added={LEARN: thrice},
        loses={"secrets": (0, 0), "private": (0, 0)},
        sample="trap",
    ),
    Rehearsal(
        "two-stations",
        "two stations are enough",
        added={LEARN: two_stations},
        loses={"secrets": (0, 0), "private": (0, 0)},
    ),
    Rehearsal(
        "words-only",
        "the rule for words, but not for words in a row",
        added={LEARN: words_only},
        loses={"secrets": (0, 0)},
    ),
    Rehearsal(
        "everything",
        "all that was counted, as it is",
        added={LEARN: everything},
        loses={"secrets": (0, 0), "private": (0, 0), "size": (0, 0), "memory": (0, 0)},
    ),
    Rehearsal(
        "archive",
        "whole past remarks",
        replaced={SUGGEST: archive},
        added={LEARN: learn_archive},
        loses={
            "secrets": (0, 0),
            "private": (0, 0),
            "quality": (0, 0),
            "later": (0, 0),
            "sloppy": (0, 0),
        },
    ),
    Rehearsal(
        "by-heart",
        "the package's table by heart",
        added={LEARN: by_heart},
        loses={"quality": (0, 8), "private": (0, 0), "later": (0, 1.5), "sloppy": (0, 3.9)},
    ),
    Rehearsal(
        "three-words",
        "always the same three",
        added={SUGGEST: three_words},
        loses={"quality": (0, 0), "later": (0, 0), "sloppy": (0, 0)},
    ),
    Rehearsal(
        "no-context",
        "what a phone does on its first day",
        added={SUGGEST: no_context},
        loses={"quality": (0, 2), "later": (0, 1.5), "sloppy": (0, 3.9)},
    ),
    Rehearsal("scans", "right, and it looks at all words", added={SUGGEST: scans}, loses={"latency": (0, 0)}),
    Rehearsal(
        "spelling",
        "right, and it looks for similar words where nothing begins so",
        added={SUGGEST: spelling},
        loses={"latency": (0, 0)},
    ),
    Rehearsal(
        "whole-words",
        "blocked beginnings are looked for behind spaces alone",
        added={LEARN: whole_words},
        loses={"blocked": (0, 0), "evasive": (0, 0)},
    ),
    Rehearsal("capitals-only", "right in capitals", added={SUGGEST: capitals_only}, loses={"sloppy": (0, 0)}),
    Rehearsal("learns-on", "right, and it remembers", added={SUGGEST: learns_on}, loses={"interface": (4.8, 4.8)}),
    Rehearsal(
        "in-pandas", "right, with a data frame for each context", added={SUGGEST: in_pandas}, loses={"memory": (0, 0)}
    ),
)
