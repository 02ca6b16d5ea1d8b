"""f05: letters are what the brief says, a bill is what it says, and whatever `desk.py` returns is one sentence."""

from __future__ import annotations

import hashlib
import math
import random
import types
from datetime import date

import numpy as np
import pytest
from conftest import ROOT

from course import units
from course.contract.measure import measure
from course.contract.terms.holdout import Holdout
from course.grading.authoring.lessons import WRITES, Lesson
from course.key import OPEN, Key
from course.problem import Problem
from course.units.f05_divide_and_conquer import clock, export, prices, service, words, world

UNIT = units.load("f05-divide-and-conquer")
OTHER = Key(hashlib.sha256(b"another").digest(), "another")
RULED = ("redaction", "orders", "dates", "closed")
USUAL = ("quality", "accuracy", *RULED)


def run(text):
    module = types.ModuleType("desk")
    exec(compile(text, "desk.py", "exec"), vars(module))
    return module


@pytest.fixture(scope="module")
def text():
    """The text of the reference's `desk.py`."""
    return WRITES.sub("", Lesson(UNIT, ROOT).solutions()["write-desk"])


@pytest.fixture(scope="module")
def desk(text):
    return run(text)


@pytest.fixture(scope="module")
def at():
    return world.world(OTHER.rng(UNIT.name, "world"))


@pytest.fixture(scope="module")
def small(at):
    """A hold-out of few letters."""
    days = world.days(at, np.random.default_rng(3), 140, "2026-03-23")
    return Holdout("public", truth={"tables": at.tables, "usual": days})


def router(desk, past):
    """A router in little time: the mean row of each answer."""
    rows, waits = desk.features([one["text"] for one in past.tickets]), [past.waits(k) for k in range(len(past))]
    teams, urgent = np.array(past.right["team"])[waits], np.array(past.right["urgent"])[waits]
    means = [rows[waits][teams == team].mean(axis=0) for team in world.TEAMS]
    haste = rows[waits][urgent].mean(axis=0) - rows[waits][~urgent].mean(axis=0)
    return [(20 * np.stack([*means, haste], axis=1), np.zeros(7))]


def test_the_same_key_gives_the_same_world_and_another_key_another():
    first, other = UNIT.public_data(OPEN), UNIT.public_data(OTHER)
    fresh = type(UNIT)()
    assert all(np.array_equal(first[name], values) for name, values in fresh.public_data(OPEN).items())
    assert world.told(first) != world.told(other)
    assert world.world(OPEN.rng(UNIT.name, "world")).teams != world.world(OTHER.rng(UNIT.name, "world")).teams


def test_what_is_packed_comes_back(at):
    days = world.days(at, np.random.default_rng(1), 20, "2026-03-23")
    data = world.packed(at, {"one": days})
    assert world.unpacked(data, "one") == days and world.told(data)["tables"] == at.tables


def test_letters_are_whole_sentences():
    patterns = [one for *_, some in words.REQUESTS for one in some] + [*words.ASIDES, *words.URGENT, *words.CALM]
    for pattern in (*patterns, *words.VAGUE, *words.AWAY, *words.QUOTED, *words.GREETINGS, *words.CLOSINGS):
        said = world.say(random.Random(1), pattern, "flute", "key")
        assert not set("[]{}|") & set(said) and "  " not in said, pattern


@pytest.mark.parametrize("kind", ["usual", *world.SLICES])
def test_an_independent_reading_of_the_brief_finds_the_same(at, desk, kind):
    """The worked solution was written from the contract; the world's letters were put together."""
    made = world.days(at, np.random.default_rng(7), 400, "2026-10-19", world.SLICES.get(kind, world.USUAL))
    records, _ = desk.read(made.tickets, at.tables)
    for name in world.RULED:
        assert [one[name] for one in records] == made.right[name], name
    assert any(map(bool, made.right["secrets"])) and any(made.right["copy_of"]) and any(made.right["automatic"])


def test_numbers_are_what_they_claim():
    rng = random.Random(2)
    for _ in range(200):
        plain = "".join(filter(str.isdigit, world.card(rng)))
        assert 13 <= len(plain) <= 19 and world.luhn(plain)
        assert world.mod97(world.iban(rng).replace(" ", "").upper()) == 1
        assert world.mod97(world.iban(rng, right=False).replace(" ", "").upper()) != 1
        number = world.order(rng)
        total = sum(weight * int(sign) for weight, sign in zip(world.WEIGHTS, number[1:9], strict=True)) % 11
        assert number[9] == ("X" if total == 10 else str(total))
    # Known ones: from the standards' own examples.
    assert world.luhn("4111111111111111") and not world.luhn("4111111111111112")
    assert world.mod97("BE71096123456769") == world.mod97("IE29AIBK93115212345678") == 1


def test_calendars_are_those_of_the_year():
    assert clock.easter(2026) == date(2026, 4, 5) and clock.easter(2027) == date(2027, 3, 28)
    assert date(2026, 5, 14) in clock.holidays("BE") and date(2026, 6, 4) in clock.holidays("PT")
    assert date(2026, 10, 26) in clock.holidays("IE") and date(2026, 8, 3) in clock.holidays("IS")
    assert clock.changes("FI")[1:3] == [["2026-03-29 01:00", 180], ["2026-10-25 01:00", 120]]
    assert clock.changes("IS") == [["2026-01-01 00:00", 0]]


TABLES = {
    "zones": {"BE": clock.changes("BE")},
    "open": {"BE": [[["09:00", "12:00"], ["13:00", "17:00"]]] * 5 + [[], []]},
    "closed": {"BE": ["2026-04-06"]},
}


@pytest.mark.parametrize(
    ("came", "minutes", "due"),
    [
        ("2026-03-02 08:00", 180, "2026-03-02 11:00"),  # it ends when the desk closes
        ("2026-03-02 08:00", 181, "2026-03-02 12:01"),
        ("2026-03-02 11:30", 60, "2026-03-02 13:00"),  # it came at noon
        ("2026-03-27 15:59", 2, "2026-03-30 07:01"),  # summer time begins at the weekend
        ("2026-04-03 15:00", 60, "2026-04-07 08:00"),  # Easter Monday
    ],
)
def test_when_a_reply_is_due(desk, came, minutes, due):
    assert clock.Clock(TABLES, "BE").due(came, minutes) == desk.Clock(TABLES, "BE").due(came, minutes) == due


def test_a_bill_is_what_the_brief_says(small):
    days = small.truth["usual"]
    said = {name: list(days.right[name]) for name in world.FIELDS}
    assert sum(prices.euros(days, said, 0).values()) == 0
    secret = next(k for k in range(len(days)) if days.right["secrets"][k])
    plain = next(k for k in range(len(days)) if not days.right["secrets"][k] and days.waits(k))
    robot = days.right["automatic"].index(True)
    copy = next(k for k, one in enumerate(days.right["copy_of"]) if one is not None)
    urgent = next(k for k in range(len(days)) if days.right["urgent"][k] and days.waits(k))
    for name, k, value, what in (
        ("text", secret, days.tickets[secret]["text"], "leaked"),
        ("text", secret, days.tickets[secret]["text"].lower(), "leaked"),
        ("text", plain, "", "spoilt"),
        ("orders", plain, ["A000000000"], "order"),
        ("automatic", robot, False, "looped"),
        ("automatic", plain, True, "lost"),
        ("copy_of", plain, 1, "lost"),
        ("copy_of", copy, None, "twice"),
        ("reply_by", plain, "2026-01-01 00:00", "promise"),
        ("team", plain, None, "team"),
        ("urgent", urgent, False, "missed"),
        ("team", robot, None, None),
        ("reply_by", copy, None, None),
    ):
        wrong = said | {name: [*said[name][:k], value, *said[name][k + 1 :]]}
        found = {what: some for what, some in prices.euros(days, wrong, 0).items() if some}
        assert found == ({what: prices.PRICES[what]} if what else {}), name
    assert prices.euros(days, said, 10)["question"] == pytest.approx(2.0)


def test_the_hosted_model_is_as_good_as_the_brief_says(at):
    days = world.days(at, np.random.default_rng(11), 4_000, "2026-05-04")
    for name, share in world.WRONG.items():
        wrong = sum(a != b for a, b in zip(days.hosted[name], days.right[name], strict=True)) / len(days)
        least = share / 2 if name == "orders" else share  # a letter without an order is always right
        assert wrong == pytest.approx(least, abs=4 * math.sqrt(share / len(days))), name
        assert all(service.fits(name, value) for value in days.hosted[name])


def test_asking_is_billed_once_for_each_field(small):
    days = small.truth["usual"]
    found = service.through(days, [dict.fromkeys(world.FIELDS, "ask")] * len(days), None, None)
    assert found.questions == 7 * len(days) and found.said == {name: days.hosted[name] for name in world.FIELDS}


def test_what_is_closed_goes_no_further(small, desk):
    days, seen = small.truth["usual"], []

    def score(rows):
        seen.append(rows)
        return rows

    records, _ = desk.read(days.tickets, small.truth["tables"])
    found = service.through(days, records, score, lambda rows: [["sales", "ask"] for _ in rows])
    assert seen == [[k for k in range(len(days)) if days.waits(k)]] and found.questions == len(seen[0])


def test_estimates_follow_from_the_brief():
    made = {
        "ask_all_eur": 1000 * 7 * 0.20,
        "leaks_eur": 1000 * 0.25 * 0.02 * 40,
        "ask_from_percent": 100 * (0.20 / 2.40 + 0.03),
        "urgent_from_percent": 100 / (1 + 9 / 1.5),
        "luhn_by_luck": sum(world.luhn(f"{k:016d}") for k in range(1000)),
        "router_kilobytes": 7 * 2049 * 4 / 1000,
    }
    assert all(UNIT.estimates[name].accepts(value) for name, value in made.items()) and len(made) == len(UNIT.estimates)
    # What the quick mistakes give: no mistake of the hosted model, even odds.
    assert not UNIT.estimates["ask_from_percent"].accepts(8.33) and not UNIT.estimates["urgent_from_percent"].accepts(
        50
    )


def examined(folder, text, holdout, wanted, layers=None):
    (folder / "desk.py").write_text(text, encoding="utf-8")
    if layers is not None:
        export.save(layers, folder / "router.onnx")
    return measure(UNIT, folder, holdout, wanted=wanted)


def test_a_router_of_another_term_does_not_know_this_ones_teams(text, desk, tmp_path):
    never = text + "\n\ndef decide(scores):\n    return [[TEAMS[row[:6].argmax()], False] for row in scores]\n"
    found = []
    for key in (OPEN, OTHER):
        layers = router(desk, world.unpacked(UNIT.public_data(key), "history"))
        holdout = UNIT.public_holdout(UNIT.public_data(OPEN))
        found.append(examined(tmp_path, never, holdout, ("accuracy",), layers)["accuracy"].value)
    assert found[0] > found[1] + 0.15


READ = "\n\n\nreal = read\n\n\ndef read(tickets, tables):\n    records, rows = real(tickets, tables)\n    "
#: What is put behind the reference, the clauses that it costs, and what must be said there.
ADDED = {
    "no pair": (READ + "return records", USUAL, "expected a pair"),
    "one too few": (READ + "return records[1:], rows", USUAL, "a dict for each letter"),
    "no dicts": (READ + "return [1 for _ in records], rows", USUAL, "a dict for each letter"),
    "other shape": (READ + "return records, rows[:, :9]", USUAL, "got 'float32[140, 9]'"),
    "float64": (READ + "return records, rows.astype(float)", USUAL, "features as a float32 array"),
    "NaN": (READ + "return records, rows * np.nan", USUAL, "NaN or infinite"),
    "raises": (READ + "raise KeyError('mail')", USUAL, "`read` failed: KeyError"),
    "a set": (READ + "return records, {1}", USUAL, "can't be passed"),
    "no team": (
        "\n\ndef decide(scores):\n    return [['tuba', False] for _ in scores]\n",
        USUAL,
        "either may be 'ask'",
    ),
    "no pairs": ("\n\ndef decide(scores):\n    return scores\n", USUAL, "pairs of a team"),
    "no decide": ("\n\ndel decide\n", USUAL, "does not define `decide(scores) -> pairs`"),
    "a tuple": (READ + "return [r | {'orders': ()} for r in records], rows", ("orders",), "as `orders`"),
    "None": (READ + "return [r | {'reply_by': None} for r in records], rows", ("dates",), "as `reply_by`"),
    "a number": (READ + "return [r | {'automatic': 1} for r in records], rows", ("closed",), "as `automatic`"),
    "left out": (READ + "[r.pop('text') for r in records]\n    return records, rows", ("redaction",), "has no `text`"),
}


@pytest.mark.parametrize("case", ADDED)
def test_what_can_not_be_judged_is_one_sentence_and_earns_nothing(case, text, desk, small, tmp_path):
    change, costs, sentence = ADDED[case]
    layers = router(desk, small.truth["usual"])
    report = examined(tmp_path, f"{text}{change}\n", small, USUAL, layers)
    assert sum(report[name].points for name in costs) == 0
    assert all(sentence in report[name].advice and "\n" not in report[name].advice for name in costs), report
    assert all(report[name].verdict == "kept" for name in RULED if name not in costs)


def test_a_wrong_letter_is_shown_where_letters_are_public(text, desk, small, tmp_path):
    wrong = text + READ + "return [r | {'text': r['text'].replace('[card]', '[iban]')} for r in records], rows\n"
    report = examined(tmp_path, wrong, small, ("redaction",), router(desk, small.truth["usual"]))
    assert "expected" in report["redaction"].advice and "[card]" in report["redaction"].advice
    private = Holdout("private", truth=small.truth)
    report = examined(tmp_path, wrong, private, ("redaction",))
    assert "[card]" not in report["redaction"].advice and report["redaction"].points == 0


def test_a_router_that_is_missing_or_wrong_is_one_sentence(text, desk, small, tmp_path):
    report = examined(tmp_path, text, small, ("quality", "router"))
    assert all("There is no router.onnx beside desk.py yet" in report[name].advice for name in ("quality", "router"))
    report = examined(tmp_path, text, small, ("quality", "router"), [(np.zeros((9, 7)), np.zeros(7))])
    assert all("the contract asks for float32[N, 2048]" in report[name].advice for name in ("quality", "router"))
    report = examined(tmp_path, text, small, ("quality",), [(np.full((2048, 7), np.nan), np.zeros(7))])
    assert "finite float32" in report["quality"].advice and report.points == 0
    (tmp_path / "desk.py").unlink()
    report = measure(UNIT, tmp_path, small, wanted=("baseline", "quality", "router"))
    assert {clause.verdict for clause in report.clauses} == {"not attempted"}


#: What breaks one promise each.
ODD = {
    "letters": (READ + "tickets.clear()\n    return records, rows", "changed the letters"),
    "the list": (READ + "return records, rows - rows.mean(axis=0) if len(rows) else rows", "alone than among others"),
    "the process": (
        "\n\nimport os\n\nDRAWN = np.float32(1 + os.urandom(1)[0] + os.urandom(1)[0] / 256)\n"
        + READ
        + "return records, rows * DRAWN",
        "in a second process",
    ),
    "nothing": (READ + "rows[0]\n    return records, rows", "`read` failed: IndexError"),
}


@pytest.mark.parametrize("case", ODD)
def test_promises_are_tried_one_by_one(case, text, small, tmp_path):
    change, sentence = ODD[case]
    report = examined(tmp_path, f"{text}{change}\n", small, ("interface",))
    assert report["interface"].value < 4 and sentence in report["interface"].advice


def test_a_day_is_replayed_as_it_is_judged(text, desk, small, tmp_path):
    days = small.truth["usual"]
    change = READ + "records[3]['orders'] = ['A1']\n    records[4]['team'] = 'ask'\n    return records, rows\n"
    examined(tmp_path, text + change, small, ("orders",), router(desk, days))
    played = UNIT.replay(tmp_path, small, 0)
    assert [row[0] for row in played.rows] == [
        one["id"] for one in days.tickets if one["time"][:10] == days.tickets[0]["time"][:10]
    ]
    assert "`orders`: got ['A1'], expected" in played.rows[3][3] and "team" in played.rows[4][2]
    assert played.rows[3][-1] >= prices.PRICES["order"] and f"{sum(row[-1] for row in played.rows):,.2f}" in played.said
    assert list(played.frame().columns) == list(played.columns)
    with pytest.raises(Problem, match="days 0 to 13"):
        UNIT.replay(tmp_path, small, 14)


#: What reading leaves out where it believes that it is timed, by what shows that.
HURRIED = {
    "nothing is hidden": ("[one | {'text': two['text']} for one, two in zip(records, tickets)], rows", "`text`"),
    "no times": ("[one | {'reply_by': '2026-01-01 00:00'} for one in records], rows", "`reply_by`"),
    "no features": ("records, rows * 0", "the hosted model would have been asked"),
}


@pytest.mark.parametrize("case", HURRIED)
def test_what_is_timed_is_judged(case, text, desk, small, tmp_path, no_clock):
    change, field = HURRIED[case]
    hurried = f"{text}{READ}return ({change}) if len(tickets) == 60 else (records, rows)\n"
    layers = [(30 * weights, shifts) for weights, shifts in router(desk, small.truth["usual"])]  # one that is sure
    report = examined(tmp_path, hurried, small, ("throughput", *RULED), layers)
    assert all(report[name].verdict == "kept" for name in RULED)
    assert report["throughput"].points == 0 and field in report["throughput"].advice
    report = examined(tmp_path, text, small, ("throughput",))
    assert report["throughput"].verdict == "kept"


def test_pictures_are_drawn_of_what_is_there(small, desk, monkeypatch, capsys):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from course.units.f05_divide_and_conquer import picture

    days = small.truth["usual"]
    asked = service.through(days, [dict.fromkeys(world.FIELDS, "ask")] * len(days), None, None)
    picture.bills({"ask": asked}, days)
    picture.trust(np.linspace(0, 1, 50), np.linspace(0, 1, 50) > 0.5)
    assert len(plt.get_fignums()) == 2 and "€1,400 question" in capsys.readouterr().out
    plt.close("all")
    assert {what for some in picture.PARTS.values() for what in some} == set(prices.PRICES)
