"""The interviewer: decks, matching, the clock, the record, the scorecard, a terminal, a notebook."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
import time

import pytest
from conftest import ROOT

import course
from course import units
from course.benchmarks import interview as bench
from course.learning.interview import deck as decks
from course.learning.interview import facts, record, show, taught, terminal
from course.learning.interview.deck import DeckProblem, deck
from course.learning.interview.matcher import Matcher, matcher
from course.learning.interview.room import Room, marked
from course.learning.interview.rubric import touched
from course.learning.interview.talk import Interview, Refused
from course.learning.progress import Progress
from course.problem import Problem

Q02 = "q02-card-fraud"
NUMBER = re.compile(r"\d[\d,.]*\d|\d")
DESIGN = """A missed fraud costs its amount, a false alarm costs a customer's patience and 8 euros.
Monitoring: the share of flags per desk every hour, and the share of calls that find fraud.
At €60 a call pays from 12 % on."""


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))


@pytest.fixture
def q02():
    return units.load("q02")


@pytest.mark.parametrize("name", units.own())
def test_every_unit_has_facts_and_a_sound_deck(name):
    unit = units.load(name)
    found = facts.brief(unit)
    assert len(found.facts) >= 8 and sum(row.points for row in found.rubric) == 20
    made = deck(unit, found)
    assert made.written == decks.beside(unit).is_file()
    assert [card.asks for card in made.facts] == [fact.asks for fact in found.facts]


@pytest.mark.parametrize("name", units.own())
def test_a_deck_gives_no_estimate_away(name):
    unit = units.load(name)
    found = facts.brief(unit)
    known = set(NUMBER.findall(" ".join(f"{fact.asks} {fact.says}" for fact in found.facts)))
    for card in deck(unit, found).cards:
        said = card.says * (not card.is_fact) + card.changes + card.costs
        for number in set(NUMBER.findall(said)) - known:
            value = float(number.replace(",", ""))
            taken = [one.question for one in unit.estimates.values() if one.accepts(value) and value > 10]
            assert not taken, f"{card.asks}: {number}"


@pytest.mark.parametrize("name", units.own())
def test_lesson_and_released_notebook_say_the_same(name):
    notebook = facts._read(ROOT / "release" / name / f"{name}.ipynb")
    assert notebook == facts._read(ROOT / "source" / name / "lesson.py")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('[facts."How many calls a day?"]', "'How many calls a day' is no question of the brief."),
        ('kind = "irrelevant"', "its kind is 'dull'; it can be nobody knows, irrelevant, can be assumed."),
        ("How large is the fraud team?\n", "'how large is the fraud team?' stands in it 2 times."),
        ('changes = "makes a call scarce', "'How many calls a day?' has no changes."),
    ],
)
def test_faults_of_a_deck_are_named(q02, tmp_path, wrong, said):
    text = decks.beside(q02).read_text(encoding="utf-8")
    better = {
        '[facts."How many calls a day?"]': '[facts."How many calls a day"]',
        'kind = "irrelevant"': 'kind = "dull"',
        "How large is the fraud team?\n": "How large is the fraud team?\nHow large is  the Fraud team?\n",
        'changes = "makes a call scarce': 'alters = "makes a call scarce',
    }[wrong]
    assert wrong in text
    file = tmp_path / "interview.toml"
    file.write_text(text.replace(wrong, better, 1), encoding="utf-8")
    with pytest.raises(DeckProblem) as problem:
        deck(q02, file=file)
    assert said in str(problem.value)


def test_a_deck_is_long_enough(q02, tmp_path):
    file = tmp_path / "interview.toml"
    file.write_text('[facts."How many calls a day?"]\nchanges = "a."\ncosts = "b"\nwordings = "one"\n')
    with pytest.raises(DeckProblem) as problem:
        deck(q02, file=file)
    for said in (
        "'What can break?' of the brief is missing",
        "ends without a full stop",
        "has 1 wordings; 20",
        "0 other",
    ):
        assert said in str(problem.value)
    file.write_text("[[facts")
    with pytest.raises(DeckProblem, match="can't be read"):
        deck(q02, file=file)


def test_the_right_card_is_offered_and_fast(q02):
    made = deck(q02)
    near = matcher(made)
    for question, wanted in (
        ("what does a false positive cost us", "And if it was her?"),
        ("how many analysts are on duty", "How many calls a day?"),
        ("are the labels late", "When do you learn of it?"),
        ("do you use AWS", "Which database do you run?"),
    ):
        assert wanted in [card.asks for card in near.near(question)], question
    start = time.process_time()
    for _ in range(20):
        near.near("how long does it take until a customer complains about a payment")
    assert (time.process_time() - start) / 20 < 0.05
    assert taught.table().nbytes < 5e6


def test_unseen_questions_are_apart_from_the_wordings_and_are_met():
    found = bench.run(True, lambda words: None)
    assert {one["way"] for one in found} == set(bench.WAYS)
    for unit, rows in bench.questions().items():
        known = {text.casefold() for card in deck(units.load(unit)).cards for text in (card.asks, *card.wordings)}
        assert not known & {question.casefold() for _, _, question in rows}
    first, three, asked = bench.shares(found, "together")
    assert asked and 1 >= three >= first and three > 0.6
    assert "A question takes" in bench.table(found).caption


def test_a_unit_without_a_deck_works_with_its_facts(monkeypatch, q02, tmp_path):
    monkeypatch.setattr(decks, "beside", lambda unit: tmp_path / "none.toml")
    room = Room(q02)
    assert "Nobody has written a deck for q02-card-fraud yet" in repr(room)
    assert len(room.interview.deck.cards) == 14
    room.ask("how many payments are there")
    assert room.interview.take(1).is_fact


def test_minutes_are_counted_and_nobody_can_ask_everything(q02):
    one = Interview(q02)
    offer = one.ask("how many analysts are there")
    assert len(offer) == 3 and one.talk.spent == 0
    card = one.take(1)
    assert one.talk.spent == record.QUESTION and one.talk.cards == (card.asks,)
    one.ask("how many analysts are there")
    one.take(1)  # read out again for nothing
    assert one.talk.spent == record.QUESTION
    one.ask("colour of the tea pot?")
    one.none()
    assert one.talk.spent == record.QUESTION + record.NONE_OF_THEM
    every = one.browse()
    assert len(every) == len(one.deck.cards) and one.talk.spent == 3 + 1 + record.BROWSE
    assert one.take(len(every)).asks
    taken = len(one.talk.asked)
    with pytest.raises(Refused, match=r"no time for that\. Tell me your design"):
        for fact in one.deck.facts * 2:
            one.ask(fact.asks)
            one.take(1)
    assert one.talk.left < record.QUESTION and taken < len(one.talk.asked) < len(one.deck.facts)
    one.say(DESIGN)
    assert one.talk.spent == record.CLOCK


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("", "I am listening"),
        (" \n ", "I am listening"),
        ("x" * 10_000, "10,000 characters; ask me one thing"),
        ("Wie viele Zahlungen gibt es pro Tag?", "English only"),
        ("一天有多少笔付款？", "English only"),
        ("Сколько платежей в день?", "English only"),
        ("???", "a few plain words"),
    ],
)
def test_odd_questions_get_one_kind_sentence_and_cost_nothing(q02, said, kind):
    one = Interview(q02)
    with pytest.raises(Refused, match=kind) as refused:
        one.ask(said)
    assert str(refused.value).count("\n") == 0 and one.talk.spent == 0


def test_what_can_not_be_done_is_said(q02):
    one = Interview(q02)
    for call in (one.none, lambda: one.take(1)):
        with pytest.raises(Refused, match="Ask me something first"):
            call()
    one.ask("how many payments")
    with pytest.raises(Refused, match="from 1 to 3"):
        one.take(7)
    for text, row, said in (("", "", "Say something"), ("x" * 30_000, "", "Be short"), ("a", "Colour", "no row")):
        with pytest.raises(Refused, match=said):
            one.say(text, row)
    one.end()
    with pytest.raises(Refused, match="over"):
        one.ask("how many payments")


def test_it_goes_on_where_it_was_left_and_shows_the_difference(q02):
    first = Room(q02)
    first.ask("how many payments are there a day")
    card = first.interview.take(1)
    second = Room(q02)  # another process, or a kernel that was restarted
    assert second.interview.goes_on and second.interview.talk.cards == (card.asks,)
    second.end()
    third = Room(q02)
    assert not third.interview.goes_on and third.interview.talk.spent == 0
    third.ask("how many analysts are there")
    new = third.interview.take(1)
    third.design(DESIGN)
    found = third.end()
    assert found.before.new == (new.asks,) and found.before.lost == (card.asks,)
    assert "Last time: 1 facts and 0 rows" in repr(found)
    for _ in range(10):
        Room(q02, again=True).interview.say("something")
    assert len(Progress().record(Q02).interviews) == record.MOST_TALKS


def test_the_scorecard_is_a_mirror(q02):
    room = Room(q02)
    room.ask("how many analysts are there")
    room.take(1)
    room.browse()
    room.take(next(n for n, card in enumerate(room.interview.offer, 1) if card.kind == "irrelevant"))
    said = room.design(DESIGN)
    assert "answer" in repr(said)
    room.answer("The newest weeks have labels that are wrong, so they are weighed by the delay.")
    card = room.end()
    assert card.facts == 1 and len(card.asked) == 2 and len(card.missed) == 13
    assert card.minutes["spent"] == sum(v for k, v in card.minutes.items() if k not in ("of", "spent"))
    rows = {row.name: row for row in card.rows}
    assert "false alarm" in rows["Goal and users"].sentence
    assert rows["Monitoring"].sentence.startswith("the share of flags")
    assert not rows["What could go wrong"].sentence and rows["What could go wrong"].follow_up
    assert all(number.wanted == "" for number in card.numbers), "ranges give the estimates away"
    for text in (repr(card), card._repr_html_()):
        assert "no grade" in text and "makes a call scarce" in text and "share of flags" in text
    plain = json.loads(json.dumps(card.plain()))
    assert plain["missed"][0].keys() == {"card", "says", "changes", "costs"}
    entry = Progress().change(Q02, lambda one: setattr(one.step("estimates"), "state", "kept"))
    assert entry.step("estimates").state == "kept"
    shown = Room.last(q02).card()
    assert all(number.wanted for number in shown.numbers) and "you said" in repr(shown)
    assert any("12 %" in number.said for number in shown.numbers)


def test_markup_of_a_learner_is_inert(q02):
    room = Room(q02)
    room.ask("how many <script>alert(1)</script> payments")
    room.take(1)
    room.design("Monitoring: we watch <script>alert(2)</script> 7 times a day and page somebody.")
    assert "<script>" not in room.end()._repr_html_()
    assert "<script>" not in show.MarkedBrief("<script>", room.interview.deck.facts, ())._repr_html_()


def test_rows_said_under_their_names_are_theirs(q02):
    rubric = facts.brief(q02).rubric
    text = "**Metric.** Euros saved by seven calls.\n\n**Baseline.** Two rules of 2019, replayed on that month."
    found = {one.row.name: one.sentence for one in touched(rubric, {"": text}, {})}
    assert found["Metric"] == "Euros saved by seven calls."
    assert found["Baseline"].startswith("Two rules")
    assert not found["What could go wrong"]
    assert not any(one.sentence for one in touched(rubric, {"": "I like it. Very much so indeed, honestly."}, {}))


def test_the_brief_marks_what_was_asked_for(q02):
    room = Room(q02)
    room.ask("how many analysts are there")
    asked = room.interview.take(1).asks
    text = repr(marked(q02))
    assert f"✓ {asked}" in text and text.count("○") == 13
    assert f"✓ {asked}" in marked(q02)._repr_html_()


def test_the_calls_of_a_notebook(q02, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    unit = course.unit("q02")
    talk = unit.interview()
    assert q02.brief in capsys.readouterr().out and q02.brief in talk._repr_html_()
    assert "Do you mean" in repr(talk.ask("how many analysts are there"))
    assert "42 of 45 minutes" in repr(talk.take(1))
    talk.ask("what is the moon made of?")
    assert "other words" in repr(talk.none())
    assert "row=" in repr(talk.design()) and "Go on" in repr(talk.design("Euros saved by calls.", row="Metric"))
    assert "NUMBER" in repr(talk.browse())
    with pytest.raises(Problem, match="Nothing was asked"):
        talk.answer("so")
    talk.end()
    capsys.readouterr()
    unit.brief()
    assert "In your last interview you asked for 1 of 14" in " ".join(capsys.readouterr().out.split())
    monkeypatch.setenv("COURSE_DATA", "/dev/null")
    assert "No interview" in repr(course.unit("q02").interview())


def test_a_notebook_opens_its_brief_with_marks(q02, monkeypatch):
    from course.learning.interview import reminder

    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    room = Room(q02)
    reminder.remind(q02)
    monkeypatch.setattr(reminder, "in_notebook", lambda: True)
    reminder.remind(q02)  # not ended yet
    assert not shown
    room.end()
    reminder.remind(q02)
    assert len(shown) == 1 and "0 of 14 facts" in repr(shown[0])


class Keyboard:
    """Lines that somebody types; what is an exception is raised."""

    def __init__(self, *lines):
        self.lines = list(lines)

    def __call__(self, prompt):
        line = self.lines.pop(0) if self.lines else EOFError()
        if isinstance(line, type | BaseException):
            raise line
        return line


def test_a_terminal_from_the_first_line_to_the_scorecard(q02):
    said = []
    ask = ["how many analysts are there", "x", "9", "1", "", "help", "deck", "0"]
    design = ["design", "a", *DESIGN.splitlines(), ""]
    follow = ["We page the desk.", ""] * 8
    assert terminal.hold(Room(q02), Keyboard(*ask, *design, *follow), said.append)
    text = "\n".join(said)
    assert q02.brief in said[0] and "I am listening" in text and "1 of 14 facts asked for" in text
    assert Progress().record(Q02).interviews[-1].done


def test_row_by_row_and_ctrl_c_keeps_the_record(q02):
    said = []
    typed = [
        "how many analysts are there",
        "1",
        "design",
        "",
        "Missed fraud costs euros and customers.",
        "",
        KeyboardInterrupt,
    ]
    assert not terminal.hold(Room(q02), Keyboard(*typed), said.append)
    talk = Progress().record(Q02).interviews[-1]
    assert not talk.done and len(talk.asked) == 1 and list(talk.design) == ["Goal and users"]
    assert said[-1].strip() == terminal.BACK
    assert terminal.hold(Room(q02), Keyboard("end"), said.append)
    assert "went on" not in said[0] and Progress().record(Q02).interviews[-1].done


def test_a_damaged_record_loses_no_other(q02, tmp_path):
    Interview(q02).say("something about it")
    file = tmp_path / "data" / "progress.json"
    plain = json.loads(file.read_text())
    assert plain["units"][Q02]["interviews"][0]["design"] == {"": "something about it"}
    plain["units"][Q02]["interviews"][0]["asked"] = [{"card": 3}]
    file.write_text(json.dumps(plain))
    assert Progress().records() == {} and list(file.parent.glob("*.damaged-1.json"))
    del plain["units"][Q02]["interviews"]
    file.write_text(json.dumps(plain))  # what an older version wrote
    assert Progress().record(Q02).interviews == []


def test_no_source_folder_is_needed(q02, tmp_path, monkeypatch):
    released = tmp_path / "release" / Q02
    released.mkdir(parents=True)
    (tmp_path / "nbgrader_config.py").write_text("")
    text = (ROOT / "release" / Q02 / f"{Q02}.ipynb").read_text(encoding="utf-8")
    (released / f"{Q02}.ipynb").write_text(text, encoding="utf-8")
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    assert len(facts.brief(q02).facts) == 14
    monkeypatch.setenv("COURSE_ROOT", str(released))
    assert len(facts.brief(q02, released).facts) == 14
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Problem, match="has nothing to say here"):
        facts.brief(q02)


def test_the_command(tmp_path):
    def run(*more, typed=""):
        return subprocess.run(
            [sys.executable, "-m", "course", "interview", "q02", *more],
            input=typed, capture_output=True, text=True, cwd=ROOT,
        )  # fmt: skip

    with pytest.raises(Problem, match="Begin with: course interview q02-card-fraud"):
        Room.last(units.load("q02"))
    ran = run("--json", "--html", str(tmp_path / "page.html"), typed="how many analysts are there\n1\nend\n")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["asked"][0]["card"] == "How many calls a day?"
    assert "no grade" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_the_handbook_has_the_figures():
    page = (ROOT / "handbook" / "interview.md").read_text(encoding="utf-8")
    assert bench.markdown(json.loads(bench.MEASURED.read_text(encoding="utf-8"))) in page, "run: make docs"


def test_weights_alone_are_ways_too(q02):
    cards = deck(q02).cards
    for weights in ((1, 1, 0), (0, 0, 1), (1, 0, 0)):
        assert len(Matcher(cards, weights).near("how many payments")) == 3
    bare = [dataclasses.replace(card, wordings=()) for card in cards]
    assert len(Matcher(bare).near("how many payments")) == 3
