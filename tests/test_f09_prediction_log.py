"""f09: the world is what it says, its truth is found by other ways, whatever `logbook.py` returns is one sentence."""

from __future__ import annotations

import base64
import hashlib
import zlib

import numpy as np
import pytest
from conftest import ROOT

from course import units
from course.contract.measure import measure
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import EARNS
from course.grading.authoring.lessons import WRITES, Lesson
from course.grading.authoring.rehearse import rehearsals
from course.key import OPEN, Key
from course.problem import Problem
from course.units.f09_prediction_log import judge, world

UNIT = units.load("f09-prediction-log")
OTHER = Key(hashlib.sha256(b"another").digest(), "another")
#: All but the timing and what is not of `logbook.py`.
QUICK = tuple(term.name for term in UNIT.terms if term.name not in ("estimates", "baseline", "throughput"))


@pytest.fixture(scope="module")
def modules():
    """The texts of `logbook.py` in the reference and in its alternative."""
    lesson = Lesson(UNIT, ROOT)
    others = {one.name: one.cells(lesson.solutions()) for one in rehearsals(UNIT, ROOT)}
    texts = {"reference": lesson.solutions()["write-logbook"], "other": others["between-zeros"]["write-logbook"]}
    return {name: WRITES.sub("", text) for name, text in texts.items()}


def run(text):
    names: dict = {}
    exec(compile(text, "logbook.py", "exec"), names)
    return names


def test_the_same_key_gives_the_same_world_and_another_key_another():
    first, again, other = (UNIT.public_data(key) for key in (OPEN, OPEN, OTHER))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert all(values.dtype.kind in "iuf" for values in first.values())
    assert first["key"].tolist() != other["key"].tolist() and first["books"].tolist() != other["books"].tolist()
    public, private = UNIT.public_holdout(first).truth["log"], UNIT.private_holdout(OPEN).truth["log"]
    assert not {one["id"] for one in public.events} & {one["id"] for one in private.events}
    assert public.key != private.key and (public.books == private.books).all()


def test_public_arrays_hold_the_whole_public_log():
    made = world.log(world.world(OPEN.rng(UNIT.name, "world")), OPEN.rng(UNIT.name, "public"))
    found = UNIT.public_holdout(UNIT.public_data(OPEN)).truth["log"]
    assert found.events == made.events and found.cards == made.cards and found.key == made.key
    assert (found.policies == made.policies).all() and (found.values == made.values).all()


@pytest.mark.parametrize("key", [OPEN, OTHER], ids=lambda key: key.term)
def test_a_log_is_as_the_brief_says(key):
    truth = UNIT.private_holdout(key).truth
    for log in (truth["log"], truth["limits"], truth["storm"]):
        for one in log.decisions:
            assert 0 <= one["id"] < 2**63 and 0 <= one["time"] < 2**32 and 0 <= one["model"] < 2**31
            assert len(one["card"]) == 8 and one["card"][0] == "L" and one["card"][1:].isdecimal()
            assert len(one["context"]) == 6 and 0 <= min(one["context"]) <= max(one["context"]) <= world.MOST_NUMBER
            assert 1 <= len(set(one["candidates"])) == len(one["candidates"]) <= world.MOST_CANDIDATES
            assert 0 <= min(one["candidates"]) <= max(one["candidates"]) < 2**31
            assert all(world.LEAST_PROBABILITY <= chance <= 1 for chance in one["probabilities"])
        labels = [one for one in log.events if one["kind"] == "label"]
        assert all(0 <= one["minutes"] <= world.MOST_MINUTES and 0 <= one["time"] < 2**32 for one in labels)
    log = truth["log"]
    seen: set = set()
    early = [one for one in log.events if one["id"] not in seen and not seen.add(one["id"]) and one["kind"] == "label"]
    labels = [tuple(one.values()) for one in log.events if one["kind"] == "label"]
    assert early and len(set(labels)) < len(labels), "labels overtake decisions, and come twice"
    assert all(0.999 < sum(one["probabilities"]) < 1.001 for one in log.decisions)


def test_the_minutes_are_those_of_the_report_with_the_latest_time():
    log = UNIT.private_holdout(OTHER).truth["log"]
    for one in log.decisions[:200]:
        told = [other for other in log.events if other["id"] == one["id"] and other["kind"] == "label"]
        assert log.minutes[one["id"]] == sorted(told, key=lambda other: other["time"])[-1]["minutes"]


@pytest.mark.parametrize("key", [OPEN, OTHER], ids=lambda key: key.term)
def test_replay_is_inverse_propensity_scoring_and_finds_the_truth(key):
    log = UNIT.private_holdout(key).truth["log"]
    values, errors = log.complete
    assert len(values) == world.POLICIES and (np.abs(values - log.values) < world.CLEAR * errors).all()
    weights, total = log.policies[0], 0.0
    place = {book: row for row, book in enumerate(log.books.tolist())}
    for one in log.decisions:  # by hand
        wanted = weights @ world.standard(np.array([one["context"]]))[0]
        scores = 0.8 * np.array([log.traits[place[book]] @ wanted for book in one["candidates"]])
        chances = np.exp(scores) / np.exp(scores).sum()
        shown = one["candidates"].index(one["action"])
        total += chances[shown] / one["probabilities"][shown] * log.minutes[one["id"]]
    assert total / len(log.decisions) == pytest.approx(values[0])


@pytest.mark.parametrize("which", ["reference", "other"])
def test_two_implementations_read_the_old_versions_and_each_record_of_a_storm(modules, which):
    names = run(modules[which])
    for key in (OPEN, OTHER):
        truth = UNIT.private_holdout(key).truth
        log = truth["log"]
        persons = {
            one["card"]: names["decode"](names["encode"]([one], log.key), log.key)[0]["person"] for one in log.decisions
        }
        assert len(set(persons.values())) == len(persons)
        for data in truth["old"].values():
            found = names["decode"](data, log.key)
            assert all(judge.is_event(one, event, persons) for one, event in zip(found, log.events, strict=False))
        pieces = [names["encode"]([one], log.key) for one in truth["storm"].events]
        data, hit = world.stormed(pieces, np.random.default_rng(1))
        found, wanted = names["decode"](data, log.key), names["decode"](b"".join(pieces), log.key)
        untouched = [one for k, one in enumerate(wanted) if k not in hit]
        assert judge.counted(untouched) <= judge.counted(found) <= judge.counted(wanted)
        assert 0 < len(hit) < len(pieces) / 4


def test_the_first_key_learned_by_heart_is_no_answer_to_the_second(modules, tmp_path):
    """A log that keeps places in tables: of the first key's private readers, of its books, of its events."""
    first = UNIT.private_holdout(OPEN).truth["log"]
    ids = {one["id"]: place for place, one in enumerate(first.decisions)}
    assert not ids.keys() & {one["id"] for one in UNIT.private_holdout(OTHER).truth["log"].events}
    fixed = f"""
BOOKS = {first.books.tolist()!r}
PLACES = {{book: place for place, book in enumerate(BOOKS)}}
fit, back = record, opened


def record(event):
    if event["kind"] == "decision":
        places = {{book: PLACES.get(book, 0) for book in event["candidates"]}}
        event = {{**event, "candidates": list(places.values()), "action": places[event["action"]]}}
    return fit(event)


def opened(body):
    event = back(body)
    if event["kind"] == "decision":
        event["candidates"] = [BOOKS[place] for place in event["candidates"]]
        event["action"] = BOOKS[event["action"]]
    return event
"""
    (tmp_path / "logbook.py").write_text(modules["reference"] + fixed, encoding="utf-8")
    wanted = ("quality", "bytes")
    mine, other = (measure(UNIT, tmp_path, UNIT.private_holdout(key), wanted=wanted) for key in (OPEN, OTHER))
    assert mine["quality"].verdict == "kept" and other["quality"].points == 0
    (tmp_path / "logbook.py").write_text(modules["reference"], encoding="utf-8")
    report = measure(UNIT, tmp_path, UNIT.private_holdout(OTHER), wanted=QUICK)
    assert report.kept and mine["bytes"].value < report["bytes"].value


@pytest.fixture(scope="module")
def small():
    """A public hold-out of few events."""
    at = world.world(OTHER.rng(UNIT.name, "world"))
    log = world.log(at, np.random.default_rng(3), decisions=220, policies=4)
    return Holdout("public", truth={"log": log, "old": {"version_2": world.version_2(log.events[:640])}})


def examined(folder, text, holdout, wanted):
    (folder / "logbook.py").write_text(text, encoding="utf-8")
    return measure(UNIT, folder, holdout, wanted=wanted)


DECODE = "\n\nold = decode\n\n\ndef decode(data, key):\n    found = old(data, key)\n    "
FIRST = DECODE + "for one in found:\n        if one['kind'] == 'decision':\n            {}\n    return found"
READ = ("quality", "damage", "versions", "forgotten", "interface")
#: What is put behind the module, the clauses that it costs, and what must be said there.
ADDED = {
    "no list": (DECODE + "return {'events': found}", READ, "a list of dicts"),
    "no dict": (DECODE + "return [tuple(one) for one in found]", READ[:4], "`kind` is decision or label"),
    "no kind": (
        DECODE + "return [one | {'kind': ['label']} for one in found]",
        READ[:4],
        "`kind` is decision or label",
    ),
    "text": (FIRST.format("one['id'] = str(one['id'])"), READ[:4], "`id` of a decision as int"),
    "a person of bytes": (FIRST.format("one['person'] = b'12'"), READ[:4], "`person` of a decision as str"),
    "no chance": (FIRST.format("one['propensity'] = None"), READ[:4], "`propensity` of a decision as float"),
    "NaN": (FIRST.format("one['propensity'] = float('nan')"), READ[:4], "finite numbers in `propensity`"),
    "nested": (FIRST.format("one['context'] = [[1.0]]"), READ[:4], "finite numbers in `context`"),
    "a set": (DECODE + "return [one | {'more': {1}} for one in found]", READ[:4], "a set"),
    "raises": (DECODE + "raise KeyError('person')", READ[:4], "`decode` failed: KeyError"),
    "ends": (DECODE + "import os; os._exit(0)", READ[:4], "ended while"),
    "no bytes": ("\n\nencode = lambda events, key: 'text'", ("quality", "bytes", "damage"), "expected a bytes"),
    "nothing left": ("\n\nforget = lambda data, card, key: None", ("forgotten", "versions"), "expected a bytes"),
    "no forget": ("\n\ndel forget", (*READ, "untouched", "private"), "does not define `forget"),
}


@pytest.mark.parametrize("case", ADDED)
def test_what_can_not_be_judged_is_one_sentence_and_earns_nothing(case, modules, small, tmp_path):
    change, costs, sentence = ADDED[case]
    report = examined(tmp_path, f"{modules['reference']}{change}\n", small, costs)
    told = [clause for clause in report.clauses if clause.name != "interface"]
    assert sum(clause.points for clause in told) == 0
    assert all(sentence in clause.advice and clause.advice.count("\n") == 0 for clause in told), report


#: What is wrong with a deletion, and what must be said of it.
DELETIONS = {
    "forgets nothing": ("def forget(data, card, key):\n    return data", "decisions of theirs or reports"),
    "keeps labels": (
        "def forget(data, card, key):\n    events, person = decode(data, key), person_of(card, key)\n"
        "    return b''.join(record(event) for event in events if event.get('person') != person)",
        "decisions of theirs or reports",
    ),
    "loses others": (
        "all_but = forget\n\n\ndef forget(data, card, key):\n    return all_but(data, card, key)[40:]",
        "other people",
    ),
    "hides": (
        "all_but, older = forget, decode\n\n\ndef forget(data, card, key):\n"
        "    left = all_but(data, card, key)\n    return left + b'HIDDEN' + data[:0] + bytes(9) + data\n\n\n"
        "def decode(data, key):\n    return older(data.split(b'HIDDEN')[0], key)",
        "pieces of their records",
    ),
}


@pytest.mark.parametrize("case", DELETIONS)
def test_a_wrong_deletion_is_told_as_what_it_is(case, modules, small, tmp_path):
    change, sentence = DELETIONS[case]
    report = examined(tmp_path, f"{modules['reference']}\n\n{change}\n", small, ("forgotten", "quality"))
    assert report["forgotten"].points < 8 and sentence in report["forgotten"].advice
    assert report["quality"].verdict in EARNS


#: Ways to leave a card in a log, each with what stands behind the module.
LEAKS = {
    "clear": "event['card'].encode()",
    "a number": "int(event['card'][1:]).to_bytes(4, 'little')",
    "hexadecimal": "event['card'].encode().hex().encode()",
    "base64": "__import__('base64').b64encode(event['card'].encode())",
    "compressed": "zlib.compress(event['card'].encode())",
    "an address": "event['address'].encode()",
}


@pytest.mark.parametrize("case", LEAKS)
def test_a_card_is_found_however_it_is_written(case, modules, small, tmp_path):
    leak = f"""

quiet = encode


def encode(events, key):
    left = [{LEAKS[case]} for event in events if event["kind"] == "decision"]
    return quiet(events, key) + b"".join(left)
"""
    report = examined(tmp_path, modules["reference"] + leak, small, ("private",))
    assert report["private"].value > 0.9


def test_a_pseudonym_without_the_key_is_found_and_one_with_it_is_not(modules, small, tmp_path):
    assert examined(tmp_path, modules["reference"], small, ("private",))["private"].value == 0
    plain = "\n\n\ndef person_of(card, key):\n    return f'{zlib.crc32(card.encode()):016x}'\n"
    assert examined(tmp_path, modules["reference"] + plain, small, ("private",))["private"].value == 1


def test_an_event_that_is_changed_costs_one_clause(modules, small, tmp_path):
    change = "\n\nclean = kept\n\n\ndef kept(event, key):\n    event['seen'] = True\n    return clean(event, key)\n"
    report = examined(tmp_path, modules["reference"] + change, small, ("untouched", "bytes"))
    assert report["untouched"].verdict == "broken" and report["bytes"].verdict == "kept"


def test_what_is_remembered_instead_of_written_is_no_log(modules, small, tmp_path):
    change = """

PAST, whole, parts = [], encode, decode


def encode(events, key):
    PAST.append(whole(events, key))
    return len(PAST).to_bytes(2, "big")


def decode(data, key):
    places = [int.from_bytes(data[k : k + 2], "big") - 1 for k in range(0, len(data), 2)]
    return [event for place in places for event in parts(PAST[place], key)]
"""
    report = examined(tmp_path, modules["reference"] + change, small, ("quality", "bytes"))
    assert report.points == 0 and "IndexError" in report["quality"].advice


def test_a_log_of_nothing_loses_everything(modules, small, tmp_path):
    nothing = "\n\ndef encode(events, key):\n    return b''\n"
    wanted = ("quality", "bytes", "forgotten", "damage", "private", "versions", "throughput")
    report = examined(tmp_path, modules["reference"] + nothing, small, wanted)
    assert report.points < 4, report  # the old versions are read


def test_absurd_numbers_are_only_wrong(modules, small, tmp_path):
    change = FIRST.format("one.update(propensity=1e-308, model=10**400, context=[1e299] * 6)")
    report = examined(tmp_path, modules["reference"] + change, small, ("quality", "versions"))
    assert report["quality"].value == 0 and report["versions"].points == 0


def test_a_pseudonym_that_is_too_short_mixes_people_up(modules, small, tmp_path):
    short = "\n\nwhole = person_of\n\n\ndef person_of(card, key):\n    return whole(card, key)[0].ljust(16, '0')\n"
    report = examined(tmp_path, modules["reference"] + short, small, ("quality", "forgotten"))
    assert report["quality"].points < 14 and report["forgotten"].points < 8


def test_a_log_is_what_is_in_the_bytes(modules, small, tmp_path):
    """A module that reads no further than the first damage, but for what it remembers of having written."""
    change = """

PAST = []
fit, back = encode, decode


def encode(events, key):
    PAST.append(fit(events, key))
    return PAST[-1]


def bodies(data):
    at = 0
    while at + FRAME.size < len(data):
        size, check = FRAME.unpack_from(data, at)
        body = data[at + FRAME.size : at + FRAME.size + size]
        if len(body) != size or zlib.crc32(body) != check:
            return
        yield body
        at += FRAME.size + size


def decode(data, key):
    return back(b"".join(PAST) or data, key)
"""
    names = run(modules["reference"] + change)
    log = small.truth["log"]
    data = names["encode"](log.flushes()[0], log.key)
    assert len(names["decode"](world.flipped(data, 100, 3), log.key)) == world.FLUSH  # as long as it remembers
    report = examined(tmp_path, modules["reference"] + change, small, ("damage", "bytes"))
    assert report["bytes"].verdict == "kept" and report["damage"].points == 0, report


def test_deletions_and_damage_are_replayed_as_they_are_judged(modules, small, tmp_path):
    (tmp_path / "logbook.py").write_text(modules["reference"], encoding="utf-8")
    played = UNIT.replay(tmp_path, small, 0)
    assert "right" in played.said and all(row[3] and row[5] == 0 for row in played.rows) and played.rows
    damaged = UNIT.replay(tmp_path, small, 7)
    assert len(damaged.rows) == 1 and damaged.rows[0][0] == "lost" and "was flipped: 1 of 128" in damaged.said
    (tmp_path / "logbook.py").write_text(modules["reference"] + "\n\n" + DELETIONS["keeps labels"][0], "utf-8")
    played = UNIT.replay(tmp_path, small, 0)
    assert "reports about them" in played.said and any(row[1] == "label" and row[5] for row in played.rows)
    assert list(played.frame().columns) == list(played.columns)
    with pytest.raises(Problem, match="deletions 0 to 6"):
        UNIT.replay(tmp_path, small, 83)


#: What a module leaves out where it believes that it is timed.
HURRIED = {
    "writing": "fit = encode\n\n\n"
    "def encode(events, key):\n    return fit(events if len(events) != 150 else events[:9], key)",
    "reading": DECODE.lstrip() + "return found if len(found) != 150 else [one | {'time': 0} for one in found]",
    "persons": DECODE.lstrip()
    + "return found if len(found) != 150 else [one | {'person': 'x'} if 'person' in one else one for one in found]",
}


@pytest.mark.parametrize("case", HURRIED)
def test_what_is_timed_is_judged(case, modules, small, tmp_path, no_clock):
    hurried = f"{modules['reference']}\n\n\n{HURRIED[case]}\n"
    report = examined(tmp_path, hurried, small, ("throughput", "bytes"))
    assert report["bytes"].verdict == "kept"
    assert report["throughput"].points == 0 and "what is timed is judged" in report["throughput"].advice
    report = examined(tmp_path, modules["reference"], small, ("throughput",))
    assert report["throughput"].verdict == "kept"


def test_no_file_is_not_attempted(small, tmp_path):
    report = measure(UNIT, tmp_path, small, wanted=("baseline", "quality", "damage"))
    assert {clause.verdict for clause in report.clauses} == {"not attempted"}


def test_a_flipped_bit_is_one_bit_and_unpacking_stops():
    from course.units.f09_prediction_log import intruder

    data = bytes(range(40))
    assert sum((one ^ other).bit_count() for one, other in zip(data, world.flipped(data, 7, 3), strict=True)) == 1
    bomb = b"..." + zlib.compress(bytes(50_000_000), 9)
    assert all(len(text) <= intruder.MOST_BYTES for text in intruder._unpacked(bomb))
    assert base64.b64encode(b"L0412387").rstrip(b"=")[:-1] in list(
        intruder._traces({"card": "L0412387", "address": "1.2.3.4", "device": "x"})
    )
