"""f05 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used, as the text of `desk.py`, as what follows it, or as what trains
the router. Parameters name what a body takes from the text before it.
"""

from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal


def stems(np, zlib, COLUMNS, WORD, pairwise, written_by_hand):
    """Words, pairs and first letters of words, counted; teams by fixed levels of doubt."""
    CACHE = {}

    def features(texts):
        rows = np.zeros((len(texts), COLUMNS), np.float32)
        for row, text in zip(rows, texts, strict=True):
            words = WORD.findall(" ".join(written_by_hand(text)).lower())
            grams = {*words, *map(" ".join, pairwise(words)), *(f"{word[:5]}*" for word in words)}
            for gram in grams:
                if gram not in CACHE:
                    CACHE[gram] = zlib.crc32(gram.encode()) % COLUMNS
                row[CACHE[gram]] += 1
            row /= max(float(row @ row) ** 0.5, 1)
        return rows

    def decide(scores):
        teams = ("accounts", "billing", "delivery", "rentals", "sales", "workshop")
        best, sure, chance = scores[:, :6].argmax(axis=1), scores[:, :6].max(axis=1), scores[:, 6]
        return [
            [teams[b] if s > 0.88 else "ask", "ask" if 0.03 < c < 0.8 else bool(c > 0.5)]
            for b, s, c in zip(best, sure, chance, strict=True)
        ]


def two_networks(past, tables, unit, export, np):
    """A small network for each of the two questions, side by side in one graph."""
    import warnings

    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore")
    features = unit.load("desk.py").read(past.tickets, tables)[1]
    waits = [k for k in range(len(past)) if past.waits(k)]
    nets = [
        MLPClassifier((size,), max_iter=40, learning_rate_init=3e-3, alpha=1e-3, random_state=0).fit(
            features[waits], np.array(past.right[name])[waits]
        )
        for name, size in (("team", 24), ("urgent", 8))
    ]
    first = np.hstack([net.coefs_[0] for net in nets]), np.concatenate([net.intercepts_[0] for net in nets])
    second = np.zeros((32, 7))
    second[:24, :6], second[24:, 6:] = (net.coefs_[1] for net in nets)
    export.save([first, (second, np.concatenate([net.intercepts_[1] for net in nets]))], "router.onnx")


def everything_asked():
    """One box: the hosted model is asked everything."""
    import numpy as np

    FIELDS = ("text", "orders", "automatic", "copy_of", "reply_by", "team", "urgent")

    def read(tickets, tables):
        return [dict.fromkeys(FIELDS, "ask") for _ in tickets], np.zeros((len(tickets), 2048), np.float32)

    def decide(scores):
        return [["ask", "ask"] for _ in scores]


def lists_of_words(WORD, read):
    """Rules for everything: words for teams, words for what is urgent."""
    LISTS = {
        "accounts": "account password log sign data profile name newsletter unsubscribe erase delete access",
        "billing": "invoice charged debited deposit voucher discount customs duty paid amount money",
        "delivery": "parcel courier tracking address collect box shipment arrived wrong",
        "rentals": "rental rented contract plan loan swap larger insurance borrow outgrown",
        "sales": "recommend stock catalogue quotation offer price spare fit exchange available",
        "workshop": "repair overhaul bench guarantee loose rattles oil grease clean service broke",
    }
    LISTS = {team: set(words.split()) for team, words in LISTS.items()}
    HASTE = {"tomorrow", "lawyer", "furious", "third", "competitor", "exam", "concert"}
    by_router = read

    def read(tickets, tables):
        records, rows = by_router(tickets, tables)
        for record, ticket in zip(records, tickets, strict=True):
            words = set(WORD.findall(ticket["text"].lower()))
            record["team"] = max(LISTS, key=lambda team: len(words & LISTS[team]))
            record["urgent"] = bool(words & HASTE)
        return records, rows


def long_numbers(re):
    """Whatever has the length of a card number is one; an IBAN looks like an IBAN."""

    def redact(text):
        text = re.sub(r"[\w.%+-]+@[\w.-]+\.\w+", "[mail]", text)
        text = re.sub(r"\b[A-Z]{2}\d\d(?: ?[0-9A-Z]{2,4}){3,6}\b", "[iban]", text)
        return re.sub(r"\b\d(?:[ -]?\d){12,18}\b", "[card]", text)


def clock_of_the_letter(Clock, datetime, bisect_right, timedelta, FORM):
    """The time to reply is turned into UTC by what clocks showed when the letter came."""
    right = Clock.due

    def due(self, when, left):
        came = datetime.strptime(when, FORM)
        found = datetime.strptime(right(self, when, left), FORM)
        then, now = (self.ahead[bisect_right(self.utc, at) - 1] for at in (came, found))
        return (found + now - then).strftime(FORM)

    Clock.due = due


def much_the_same(WORD, written_by_hand):
    """A copy has nine of ten words in common with an earlier letter of the same customer."""

    def copies(tickets):
        seen, found = {}, []
        for ticket in tickets:
            words = set(WORD.findall(" ".join(written_by_hand(ticket["text"])).lower()))
            before = seen.setdefault(ticket["customer"], [])
            alike = [one for one, other in before if len(words & other) >= 0.9 * len(words | other)]
            found.append(alike[0] if alike else None)
            before.append((ticket["id"], words))
        return found


def always_asks():
    """The router is only there for the contract."""

    def decide(scores):
        return [["ask", "ask"] for _ in scores]


def haste_in_words(WORD, read):
    """Teams as in the reference; urgent is what says so, in words that urgent letters often have."""
    HASTE = {"urgent", "tomorrow", "lawyer", "furious", "third", "competitor", "exam", "concert"}
    by_router = read

    def read(tickets, tables):
        records, rows = by_router(tickets, tables)
        for record, ticket in zip(records, tickets, strict=True):
            record["urgent"] = bool(HASTE & {*WORD.findall(ticket["text"].lower())})
        return records, rows


def wide_network(past, tables, unit, export, np):
    """The reference's answers, out of a wide network."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    features = unit.load("desk.py").read(past.tickets, tables)[1]
    waits = [k for k in range(len(past)) if past.waits(k)]
    X = csr_matrix(features[waits])
    models = [
        LogisticRegression(C=40, max_iter=200).fit(X, np.array(past.right[name])[waits]) for name in ("team", "urgent")
    ]
    weights = np.vstack([model.coef_ for model in models]).T
    draws = np.random.default_rng(0)
    wide = draws.normal(0, 1e-6, (2048, 400))
    wide[:, :7], wide[:, 7:14] = weights, -weights
    back = np.zeros((400, 7))
    back[:7], back[7:14] = np.eye(7), -np.eye(7)
    shift = np.concatenate([model.intercept_ for model in models])
    export.save([(wide, np.zeros(400)), (back, shift)], "router.onnx")


def softmax_of_the_batch():
    """Right, but for the axis of a softmax: chances that add up to one over the letters of a batch."""
    import onnx

    model = onnx.load("router.onnx")
    (softmax,) = [node for node in model.graph.node if node.op_type == "Softmax"]
    softmax.attribute[0].i = 0
    onnx.save(model, "router.onnx")


def minute_by_minute(Clock, datetime, timedelta, bisect_right, FORM):
    """Right, by walking through every minute until the promise falls due."""

    def due(self, when, left):
        utc = datetime.strptime(when, FORM)
        local = utc + self.ahead[bisect_right(self.utc, utc) - 1]
        day, minute, spans = local.date(), 60 * local.hour + local.minute, None
        while left:
            if spans is None or minute == 1440:
                day += timedelta(days=minute == 1440)
                minute %= 1440
                spans = () if day.isoformat() in self.closed else self.week[day.weekday()]
            left -= any(start <= minute < end for start, end in spans)
            minute += 1
        local = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)
        return (local - self.ahead[bisect_right(self.local, local) - 1]).strftime(FORM)

    Clock.due = due


def in_place(read, redact):
    """What is to be hidden is hidden in the caller's own letters."""
    careful = read

    def read(tickets, tables):
        for ticket in tickets:
            ticket["text"] = redact(ticket["text"])
        return careful(tickets, tables)


DESK, TRAIN = "write-desk", "train-router"

REHEARSALS = (
    Rehearsal("reference", "the worked solution: five rules, a linear router, questions in doubt", sample="reference"),
    Rehearsal(
        "two-networks",
        "an honest different solution: stems, two small networks, fixed levels of doubt",
        added={DESK: stems},
        replaced={TRAIN: two_networks},
        sample="alternative",
    ),
    Rehearsal(
        "everything-asked",
        "a trap: the hosted model for everything",
        replaced={DESK: everything_asked},
        loses={
            "quality": (0, 0),
            "accuracy": (2.5, 3.9),
            "redaction": (0, 0),
            "orders": (0, 0),
            "dates": (0, 0),
            "closed": (0, 0),
            "rare": (0, 0),
            "typos": (1.5, 3),
            "long": (1.5, 3),
        },
        sample="trap",
    ),
    Rehearsal(
        "lists-of-words",
        "rules for everything",
        added={DESK: lists_of_words},
        loses={"quality": (0, 0), "accuracy": (0, 0), "typos": (0, 0), "long": (0, 0)},
    ),
    Rehearsal(
        "long-numbers",
        "what is long is a card number",
        added={DESK: long_numbers},
        loses={"quality": (0, 12), "redaction": (0, 0), "rare": (3, 3)},
    ),
    Rehearsal(
        "clock-of-the-letter",
        "summer time begins between letter and reply",
        added={DESK: clock_of_the_letter},
        loses={"quality": (0, 12), "dates": (0, 0), "rare": (3, 3)},
    ),
    Rehearsal(
        "much-the-same",
        "copies are what is much the same",
        added={DESK: much_the_same},
        loses={"quality": (0, 12), "accuracy": (3.5, 4), "closed": (0, 0), "rare": (3, 3), "long": (2.5, 3)},
    ),
    Rehearsal(
        "always-asks",
        "the router decides nothing",
        added={DESK: always_asks},
        loses={"quality": (5, 10), "accuracy": (3.5, 4)},
    ),
    Rehearsal(
        "haste-in-words",
        "urgent is what has words of haste",
        added={DESK: haste_in_words},
        loses={"quality": (0, 9)},
    ),
    Rehearsal(
        "wide-network",
        "right, and wide",
        replaced={TRAIN: wide_network},
        loses={"latency": (0, 0), "size": (0, 0), "memory": (0, 0)},
    ),
    Rehearsal(
        "softmax-of-the-batch",
        "the reference with a softmax along the wrong axis",
        added={TRAIN: softmax_of_the_batch},
        loses={"router": (0, 2.5), "quality": (0, 12), "accuracy": (0, 4), "typos": (0, 3), "long": (0, 3)},
    ),
    Rehearsal(
        "minute-by-minute",
        "right, and minute by minute",
        added={DESK: minute_by_minute},
        loses={"throughput": (0, 0)},
    ),
    Rehearsal(
        "in-place",
        "right, on letters that are not its own",
        added={DESK: in_place},
        loses={"interface": (2, 2.5)},
    ),
)
