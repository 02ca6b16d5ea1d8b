"""q11 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, as what replaces a cell or follows it. Parameters name what a body
takes from the text before it.
"""

from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal


def signature():
    """What a question says, sorted and hashed to 32 bits: one search in a sorted array, and no list of ids."""
    import json
    import re
    import zlib
    from pathlib import Path

    import numpy as np

    HEAD, BODY = zlib.decompress(Path("index.bin").read_bytes()).split(b"\n", 1)
    ABOUT = json.loads(HEAD)
    MEANS, STEMS, VERBS = ABOUT["means"], ABOUT["stems"], set(ABOUT["sure"])
    LONG, COUNT = set(ABOUT["long"]), len(BODY) // 6
    SIGNS, PLACES = np.frombuffer(BODY, np.uint32, COUNT), np.frombuffer(BODY, np.uint16, offset=4 * COUNT)
    ONE = re.compile(r"don't|[a-z]+|[0-9]+")

    def word_of(word):
        for end, more in (("", ""), ("s", ""), ("es", ""), ("ies", "y")):
            stem = word.removesuffix(end) + more if word.endswith(end) else ""
            if stem in MEANS:
                return MEANS[stem]
        return None

    def meant(word):
        found = word_of(word)
        if found is not None or len(word) < 4:
            return found
        letters = range(1, len(word) - 1)
        twice = (word[:k] + word[k + 1 :] for k in letters if word[k] == word[k - 1])
        turned = (word[:k] + word[k + 1] + word[k] + word[k + 2 :] for k in letters)
        for other in (*turned, *twice):
            if word_of(other) is not None:
                return word_of(other)
        return STEMS.get(word) or STEMS.get(word.removesuffix("s")) or STEMS.get(word.removesuffix("es"))

    def says(sentence):
        row, found, sure = ONE.findall(sentence), [], 0
        for at, word in enumerate(row):
            behind, before = row[at + 1] if at + 1 < len(row) else "", row[at - 1] if at else ""
            if word.isdigit():
                found.append(f"{before} {word}" if before in LONG else f"{word} {behind}")
                sure += 1
            elif word in ("not", "never", "don't"):
                found.append("!")
            else:
                what = meant(word)
                if what:
                    sides = at > 1 and before == "the" and row[at - 2] in ("from", "to")
                    found.append(f"{row[at - 2]} {what}" if sides else what)
                    sure += word_of(word) is not None and what in VERBS and word not in ABOUT["far"]
        return found, sure

    def digits(text):
        return re.sub("[a-z]+", lambda one: ABOUT["numbers"].get(one[0], one[0]), text.lower().replace("’", "'"))

    def sign(text):
        best, most = [], 0
        for sentence in re.split("[.!?:]", digits(text[:3000])):
            opening, comma, rest = sentence.partition(",")
            if comma and opening.split()[:1] and opening.split()[0] not in ABOUT["leads"] and says(opening)[1] == 0:
                sentence = rest
            found, sure = says(sentence)
            if sure > most:
                best, most = found, sure
        return zlib.crc32("|".join(sorted(set(best))).encode()) if len(set(best)) > 1 else None

    def find(question):
        wanted = sign(question)
        if wanted is None:
            return "new"
        first, last = np.searchsorted(SIGNS, [wanted, wanted + 1]) if wanted < 2**32 - 1 else (0, 0)
        return PLACES[first:last].tolist()[:5] or "new"


def learn_signature(stored, flags, words, vectors, unit):
    """Words that stand for each other, by counts of what is on one side alone; newcomers by the mean of a concept."""
    import json
    import re
    import zlib
    from collections import Counter, defaultdict
    from pathlib import Path

    import numpy as np

    FORMS = (
        "how do i can what is the best way to there a an anybody tell me want any idea it possible trying should need"
        " steps would like advice make sure that so on with in my at for before during after from within every times"
        " than older larger by of day"
    )
    count = "two three four five six seven eight nine ten eleven twelve"
    NUMBER = {word: str(k) for k, word in enumerate(count.split(), 2)}
    told = Counter(one.strip() for text in stored for one in re.split("[.!?:,]", text.lower()))
    often = {one for one, times in told.items() if times > 250}
    silent = {word for one in often for word in one.split()} | set(FORMS.split())
    products = {name.lower() for name in re.findall(r"[a-z] ([A-Z][a-z]+) [2-9]", " ".join(stored))}
    units = {unit for text in stored for unit in re.findall(rf"\b(?:[0-9]+|{count.replace(' ', '|')}) ([a-z]+)", text)}
    uses = Counter()
    for one, times in told.items():
        uses.update({word: times for word in set(re.findall("[a-z]+", one))} if one not in often else {})
    plain = {word for word, times in uses.items() if times > 25}
    plain -= silent | products | units | {*NUMBER, "not", "never", "don", "t"}
    plain -= {word for word in plain if word[-1] == "s" and {word[:-1], word[:-2], word[:-3] + "y"} & plain}

    def write(means, far, body=b""):
        long = {
            word[:k] + word[k + 1 :]: means[word] for word in means if len(word) > 4 for k in range(1, len(word) - 1)
        }
        about = {"means": means, "stems": long, "sure": sorted(set(means.values()) - {""}), "long": sorted(products)}
        about |= {"numbers": NUMBER, "far": sorted(far), "leads": FORMS.split()}
        Path("index.bin").write_bytes(zlib.compress(json.dumps(about).encode() + b"\n" + body, 9))
        return unit.load("find.py")

    nothing = dict.fromkeys([*silent, *units, *products], "")
    module = write({word: word for word in plain} | nothing, [])
    alone, both = Counter(), Counter()
    for text, place, same in flags:
        if same:
            one, other = (
                {what for part in text.split(".") for what in module.says(module.digits(part))[0]} & plain
                for text in (text, stored[place])
            )
            alone.update(one ^ other)
            both.update((a, b) for a in one - other for b in other - one)
            both.update((b, a) for a in one - other for b in other - one)
    of = {word: word for word in plain}
    for (a, b), times in sorted(both.items()):
        if a < b and times >= 3 and times >= 0.2 * min(alone[a], alone[b]):
            old, new = of[b], of[a]
            of = {word: new if what == old else what for word, what in of.items()}
    place = {word: k for k, word in enumerate(words)}
    concepts = sorted({what for word, what in of.items() if word in place})
    table = vectors.astype(np.float32)
    near = [table @ table[[place[w] for w in of if of[w] == what and w in place]].T for what in concepts]
    near = np.stack([one.max(axis=1) for one in near], axis=1)
    first = near.max(axis=1)
    clear = (first >= 0.44) & ((near >= first[:, None] - 0.06).sum(axis=1) == 1)
    far = {words[k]: concepts[near[k].argmax()] for k in np.flatnonzero(clear)}
    far = {word: what for word, what in far.items() if word not in of and word not in nothing and len(word) > 1}
    module = write(far | of | nothing, far)
    found = defaultdict(list)
    for number, text in enumerate(stored):
        found[module.sign(text) or 0].append(number)
    signs = [one for one in sorted(found) for _ in found[one]]
    places = [number for one in sorted(found) for number in found[one]]
    write(far | of | nothing, far, np.array(signs, np.uint32).tobytes() + np.array(places, np.uint16).tobytes())


def by_the_flags(IDS, STARTS, SIZES, ROW, read, np):
    """What share of parts agree, with the threshold that decides most flags right: 0.7."""

    def find(question):
        parts, _ = read(question)
        rows = [ROW[part] for part in parts if part in ROW]
        if not rows:
            return "new"
        shared = np.bincount(np.concatenate([IDS[STARTS[row] : STARTS[row + 1]] for row in rows]), minlength=len(SIZES))
        like = shared / (SIZES + len(parts) - shared)
        best = np.argsort(-like, kind="stable")[:5]
        return best.tolist() if like[best[0]] >= 0.7 else "new"


def no_numbers(read, re):
    """Any number is a number."""
    exact = read

    def read(text):
        parts, unknown = exact(text)
        return {re.sub("[0-9]+", "#", part) for part in parts}, unknown


def no_negation(read):
    """Not counts as little as the."""
    exact = read

    def read(text):
        parts, unknown = exact(text)
        return parts - {"never"}, unknown


def no_sides(read):
    """A bag of words: which side is which is lost."""
    exact = read

    def read(text):
        parts, unknown = exact(text)
        return {part.removeprefix("from ").removeprefix("to ") for part in parts}, unknown


def no_vectors(learn, stored, flags):
    """What flags say, and nothing else."""
    learn(stored, flags, guess=lambda *given: {})


def vectors_alone(learn, stored, flags, words, vectors, np):
    """Words whose vectors are near mean the same."""
    place = {word: k for k, word in enumerate(words)}

    def join(plain, right):
        known = {word: word for word in plain}
        some = sorted(word for word in plain if word in place)
        table = vectors[[place[word] for word in some]].astype(np.float32)
        near = table @ table.T
        for k, word in enumerate(some):
            first = next(at for at in range(k + 1) if near[k, at] >= 0.42)
            known[word] = known[some[first]]
        return known

    learn(stored, flags, join=join)


def read_the_simulator(learn, stored, flags):
    """The lines of the course's own lexicon instead of the flags."""
    from course.units.q11_duplicate_questions import world

    lines = {word: min(world.said(line)) for line in world.every_line() for word in world.said(line)}
    learn(stored, flags, join=lambda plain, right: {word: lines.get(word, word) for word in plain})


def with_vectors(stored, words, vectors, re, np, Path):
    """A vector for each stored question comes along, to sort by."""
    place, rows = {word: k for k, word in enumerate(words)}, vectors[:, :64].astype(np.float32)
    some = [[place[word] for word in re.findall("[a-z]+", text.lower()) if word in place] for text in stored]
    means = np.stack([rows[one].mean(axis=0) for one in some])
    Path("index.bin").write_bytes(Path("index.bin").read_bytes() + means.tobytes())


def holds_vectors(Path, np):
    """They are loaded, too, as numbers of eight bytes."""
    with Path("index.bin").open("rb") as FILE:
        FILE.seek(-min(4 * 64 * 50_000, Path("index.bin").stat().st_size // 8 * 4), 2)
        VECTORS = np.frombuffer(FILE.read(), np.float32).astype(np.float64)  # noqa: F841


def scans(find, IDS, STARTS, ROW, SIZES, read):
    """Right, and it compares with the sets of one stored question in eight."""
    SETS = [set() for _ in SIZES]
    for part, row in ROW.items():
        for place in IDS[STARTS[row] : STARTS[row + 1]].tolist():
            SETS[place].add(part)
    quick = find

    def find(question):
        parts, _ = read(question)
        like = [len(parts & one) / (len(parts | one) or 1) for one in SETS[::8]]
        return quick(question) if max(like, default=1.0) > 0 else "new"


def learns_on(find):
    """Right, and what is asked a third time can't be new."""
    once, SEEN = find, {}

    def find(question):
        SEEN[question] = SEEN.get(question, 0) + 1
        found = once(question)
        return [0] if found == "new" and SEEN[question] > 2 else found


def capital_products(find):
    """Right, and who doesn't write a capital has no product."""
    spelled = find

    def find(question):
        return spelled(question) if question != question.lower() else "new"


def with_sklearn(find):
    """Right, and a package is imported that nothing needs."""
    import sklearn.linear_model  # noqa: F401


FIND, LEARN = "write-find", "learn"

REHEARSALS = (
    Rehearsal("reference", "the worked solution: questions read into parts, lists of ids by part", sample="reference"),
    Rehearsal(
        "signature",
        "an honest different solution: what a question says is hashed, and looked up",
        replaced={FIND: signature, LEARN: learn_signature},
        sample="alternative",
    ),
    Rehearsal(
        "by-the-flags",
        "a threshold that is best for flags, half of which were right",
        added={FIND: by_the_flags},
        loses={"false": (0, 0), "latency": (0, 0), "numbers": (2, 3), "negation": (0, 0)},
    ),
    Rehearsal(
        "no-numbers",
        "any number is a number",
        added={FIND: no_numbers},
        loses={"false": (0, 0), "first": (5.4, 6), "numbers": (0, 0)},
    ),
    Rehearsal(
        "no-negation",
        "not means nothing",
        added={FIND: no_negation},
        loses={"false": (0, 0), "first": (5.4, 6), "negation": (0, 0)},
        sample="trap",
    ),
    Rehearsal("no-sides", "from and to mean nothing", added={FIND: no_sides}, loses={"sides": (0, 0)}),
    Rehearsal(
        "no-vectors",
        "flags alone",
        added={LEARN: no_vectors},
        loses={"false": (4, 8.5), "sides": (1.6, 2), "words": (0, 0)},
    ),
    Rehearsal(
        "vectors-alone",
        "near vectors mean the same",
        added={LEARN: vectors_alone},
        loses={
            "quality": (0, 2),
            "first": (0.4, 2.5),
            "numbers": (1, 2.4),
            "negation": (0.5, 1.6),
            "sides": (0.5, 1.6),
            "words": (1.4, 3),
        },
    ),
    Rehearsal(
        "read-the-simulator",
        "the simulator's own lexicon instead of flags",
        added={LEARN: read_the_simulator},
        loses={"quality": (6, 12), "first": (3, 5.5), "numbers": (2, 3), "negation": (1.1, 2), "sides": (1.1, 2)},
    ),
    Rehearsal(
        "float32",
        "right, with a vector for each stored question",
        added={FIND: holds_vectors, LEARN: with_vectors},
        loses={"size": (0, 0), "memory": (0, 0)},
    ),
    Rehearsal(
        "scans",
        "right, and it looks at an eighth of the store",
        added={FIND: scans},
        loses={"latency": (0, 0), "memory": (0, 0)},
    ),
    Rehearsal("learns-on", "right, and it remembers", added={FIND: learns_on}, loses={"interface": (5, 5)}),
    Rehearsal(
        "capital-products", "right, if there are capitals", added={FIND: capital_products}, loses={"interface": (5, 5)}
    ),
    Rehearsal("with-sklearn", "right, with a package too many", added={FIND: with_sklearn}, loses={"memory": (0, 0)}),
)
