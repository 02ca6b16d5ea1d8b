"""The flake study: counting, bounds, records that survive a break, tables and page. No clock is judged here."""

from __future__ import annotations

import dataclasses
import io
import math
import sys
import time

import pytest
from conftest import ROOT
from rich.console import Console

from course.benchmarks import latency as bench
from course.benchmarks.latency import loads, models, page, picture, sheets, stats, study
from course.benchmarks.latency.study import CLEAR, LOADS, QUIET, Record, Task

SUBJECTS = {
    name: models.Subject(name, family, b"", lambda n, rng: {})
    for name, family in (("small a", "a"), ("large a", "a"), ("small b", "b"), ("large b", "b"))
}


def record(load="idle", position=0.75, verdict="kept", off=1.0, model="small a", naive=1.0, number=0, seconds=1.5):
    """A grading of a model of cost 0.5; estimates `off` and `naive` times the truth."""
    values = (0.5 * off, 20, seconds, 10 * naive, 10 * naive, 0.4 * naive)
    return Record(number, load, model, SUBJECTS[model].family, position, 0, verdict, *values)


def quiet(model="small a"):
    return record(QUIET, 0.0, "", model=model)


@pytest.fixture
def some():
    """Every load at all four positions, five times; under "busy" one wrong verdict on either side of the budget."""
    found = [quiet()]
    for load in LOADS:
        for number in range(5):
            off = 1 + 0.01 * (number - 2)
            found += [
                record(load, 0.75, "kept", off, number=number, naive=1.0 if number else 2.0),
                record(load, 0.9, "too close to call", off, number=number),
                record(load, 1.1, "too close to call", off, number=number),
                record(load, 1.33, "broken", off, number=number, seconds=3.0),
            ]
    found += [record("busy", 0.75, "broken", number=9), record("busy", 1.33, "kept", number=9)]
    return found


# Counting


def test_clopper_pearson_against_known_values():
    """Zero of n has a closed form; the others are from published tables (two-sided 90 % is one-sided 95 %)."""
    for n in (1, 10, 180, 1000):
        assert stats.upper_bound(0, n) == pytest.approx(1 - 0.05 ** (1 / n))
    assert stats.upper_bound(1, 10) == pytest.approx(0.3942, abs=1e-4)
    assert stats.upper_bound(5, 10) == pytest.approx(0.7776, abs=1e-4)
    assert stats.upper_bound(10, 10) == 1.0
    for wrong, n in ((0, 0), (-1, 5), (6, 5)):
        with pytest.raises(ValueError, match="no rate"):
            stats.upper_bound(wrong, n)


def test_the_bound_is_the_rate_at_which_so_few_are_seen_once_in_twenty():
    bound = stats.upper_bound(2, 300)
    chance = sum(math.comb(300, k) * bound**k * (1 - bound) ** (300 - k) for k in range(3))
    assert chance == pytest.approx(0.05)


@pytest.mark.parametrize("position", [0.75, 0.9, 1.1, 1.33])
def test_what_is_wrong(position):
    assert stats.is_wrong("broken", position) == (position < 1)
    assert stats.is_wrong("kept", position) == (position > 1)
    assert not stats.is_wrong("too close to call", position)


def test_the_implied_rate():
    assert stats.tail(0.75, 0.0, -math.log(0.75)) == pytest.approx(0.158655, abs=1e-6)
    assert stats.tail(1.33, 0.0, math.log(1.33) / 2) == pytest.approx(0.022750, abs=1e-6)
    assert stats.tail(0.75, 0.2, 0.05) > stats.tail(0.75, 0.0, 0.05) > stats.tail(0.75, -0.2, 0.05)
    assert stats.tail(1.33, 0.0, 0.0) == 0


def test_counts(some):
    count = stats.count(stats.clear(some), stats.errors(some))
    assert (count.n, count.kept, count.close, count.broken, count.wrong) == (52, 26, 0, 26, 2)
    assert count.bound == stats.upper_bound(2, 52)
    assert (count.seconds, count.most_seconds) == (1.5, 3.0)
    assert 0 <= count.implied < 1e-6
    assert math.isnan(stats.count(some[1:2], {((1, "small a"), "idle"): [0.0]}).implied)


def test_errors_towards_a_ratio_of_1_are_told_from_those_away():
    dear = dataclasses.replace(record(model="large a"), ratio=2.0)
    truth = [quiet(), dataclasses.replace(dear, load=QUIET)]
    cases = {0.55: (1.1, 1), 0.45: (1, 0.5 / 0.45)}
    for ratio, (toward, away) in cases.items():
        found = stats.one_way([*truth, dataclasses.replace(record(), ratio=ratio)])
        assert found == pytest.approx((math.log(toward), math.log(away)))
    assert stats.one_way([*truth, dataclasses.replace(dear, ratio=1.6)]) == pytest.approx((math.log(1.25), 0))
    assert stats.one_way(truth) == (0, 0)


def test_each_machine_has_reference_values_of_its_own(some, tmp_path):
    slow = [dataclasses.replace(one, machine=2, ratio=2 * one.ratio) for one in some]
    alone, both = (stats.count(stats.clear(r), stats.errors(r)) for r in (some, some + slow))
    assert (both.n, both.wrong, both.implied) == (2 * alone.n, 2 * alone.wrong, pytest.approx(alone.implied))
    assert "104 gradings in fresh processes on 2 machines" in sheets.in_short(some + slow)[0]
    study.mend(tmp_path / "records.csv")
    study.append(tmp_path / "records.csv", slow[0])
    assert study.read(tmp_path / "records.csv") == [slow[0]]


def test_records_from_before_there_was_a_column_for_the_machine_are_of_the_first(tmp_path):
    old = [field for field in study.FIELDS if field != "machine"]
    values = [value for name, value in dataclasses.asdict(record()).items() if name != "machine"]
    (tmp_path / "old.csv").write_text(",".join(old) + "\n" + ",".join(map(str, values)) + "\n")
    assert study.read(tmp_path / "old.csv") == [record()]


def test_naive_methods_have_two_verdicts():
    ways = {(0.75, 1.3): 0, (0.75, 1.4): 1, (1.33, 0.8): 0, (1.33, 0.7): 1, (0.9, 1.2): 1}
    for (position, naive), wrong in ways.items():
        found = stats.naive_errors([quiet(), record(position=position, naive=naive)])
        assert all(stats.naive_wrong(pairs) == wrong for pairs in found.values())


# What is done


def test_the_plan_covers_every_load_family_and_position():
    tasks = [task for _, some in study.plan(SUBJECTS, study.ROUNDS) for task in some]
    assert len(tasks) == len(set(tasks))
    assert {(t.load, t.model, t.position) for t in tasks} >= {(n, m, p) for n in LOADS for m in SUBJECTS for p in CLEAR}
    assert all(task.load == load for load, some in study.plan(SUBJECTS, 2) for task in some)
    assert study.plan(SUBJECTS, 3) == study.plan(SUBJECTS, study.ROUNDS)[: 3 * len(LOADS)]
    families = {name: models.Subject(name, name, b"", lambda n, rng: {}) for name in "abcde"}
    full = [task for _, some in study.plan(families, study.ROUNDS) for task in some]
    assert sum(task.position in CLEAR for task in full) >= 1000
    quick = study.plan(families, 1, bench.QUICK_TASKS)
    assert sum(len(some) for _, some in quick) == 40


def test_records_survive_a_round_trip(tmp_path):
    path, all_of_it = tmp_path / "r.csv", [quiet(), record(off=1.03), record("second grader", 1.33, "broken")]
    assert study.read(path) == []
    study.mend(path)
    for one in all_of_it:
        study.append(path, one)
    assert study.read(path) == all_of_it
    assert [found.task for found in study.read(path)] == [one.task for one in all_of_it]


def test_a_line_that_was_cut_off_is_done_again(tmp_path):
    path = tmp_path / "r.csv"
    study.mend(path)
    study.append(path, record())
    whole = path.read_bytes()
    path.write_bytes(whole + b"0,idle,small a,a,0.7")
    assert study.read(path) == [record()]
    study.mend(path)
    assert path.read_bytes() == whole
    path.write_bytes(b"round,lo")
    study.mend(path)
    assert path.read_bytes() == (",".join(study.FIELDS) + "\n").encode()


class FakeNaive:
    def __init__(self, subjects):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


def test_a_killed_study_goes_on_where_it_was(tmp_path, monkeypatch):
    path, graded = tmp_path / "r.csv", []
    tasks = study.plan(SUBJECTS, 1)

    def grade(subject, task, truth, naive):
        assert truth == 0.5
        if len(graded) == 9:
            raise KeyboardInterrupt
        graded.append(task)
        return dataclasses.replace(record(task.load, task.position, model=task.model), copy=task.copy)

    monkeypatch.setattr(study, "Naive", FakeNaive)
    monkeypatch.setattr(study, "grade", grade)
    monkeypatch.setattr(study, "load", lambda name: loads.load("idle"))
    monkeypatch.setattr(study, "quiet", lambda subjects, *_: [quiet(subject.name) for subject in subjects])
    with pytest.raises(KeyboardInterrupt):
        study.run(SUBJECTS, tasks, path, lambda words: None)
    assert len(stats.graded(study.read(path))) == 9
    graded[:0] = [None]  # so that it is not stopped at 9 again
    records = study.run(SUBJECTS, tasks, path, lambda words: None)
    assert records == study.read(path)
    assert sorted(map(repr, graded[1:])) == sorted(repr(task) for _, some in tasks for task in some)
    assert sum(r.load == QUIET for r in records) == 2, "only models that are used, and once"
    assert study.run(SUBJECTS, tasks, path, lambda words: None) == records


def test_without_a_path_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(study, "Naive", FakeNaive)
    monkeypatch.setattr(study, "grade", lambda subject, task, *_: record(task.load, task.position, model=task.model))
    monkeypatch.setattr(study, "load", lambda name: loads.load("idle"))
    monkeypatch.setattr(study, "quiet", lambda subjects, *_: [quiet(subject.name) for subject in subjects])
    assert len(study.run(SUBJECTS, study.plan(SUBJECTS, 1, 2), None, lambda words: None)) == 2 + 10
    assert not list(tmp_path.iterdir())


def test_loads_end_with_the_context(monkeypatch):
    children = []
    start = loads.subprocess.Popen
    monkeypatch.setattr(loads.subprocess, "Popen", lambda *a, **k: children.append(start(*a, **k)) or children[-1])
    with pytest.raises(RuntimeError), loads.load("bursty"):
        assert [child.poll() for child in children] == [None, None]
        raise RuntimeError
    assert all(child.poll() is not None for child in children)


def test_a_load_ends_by_itself(monkeypatch):
    monkeypatch.setattr(loads, "LIMIT_S", 0.0)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    started = time.monotonic()
    for what in ("spin", "burst"):
        loads.main(what)
    assert time.monotonic() >= started


# What is shown


def test_the_table_from_a_few_records(some):
    console = Console(width=200, file=io.StringIO())
    console.print(bench.table({"records": [dataclasses.asdict(one) for one in some]}))
    text = console.file.getvalue()
    busy = next(line for line in text.splitlines() if "busy" in line and "0.75" in line)
    assert [cell.strip() for cell in busy.split("│")[3:9]] == ["6", "5", "0", "1", "1", "58.18%"]
    total = next(line for line in text.splitlines() if "0.75 and 1.33" in line)
    assert [cell.strip() for cell in total.split("│")[3:9]] == ["52", "26", "0", "26", "2", "11.62%"]
    assert "52 gradings in fresh processes on 1 machine at 25 % or more from the budget: 2 wrong" in text
    beside = {row[0]: row for row in sheets.beside(some).rows}
    assert beside["idle"] == ("idle", "10", "0.0%", "10.0%", "10.0%", "10.0%")


def test_no_records_no_table():
    assert sheets.by_load([]).rows == ()
    assert "no grading" in sheets.in_short([])[0]


def test_the_page_is_made_between_its_marks(some):
    text, png = page.made(f"before\n{page.START}\nold\n{page.END}\nafter\n", some)
    assert text.startswith(f"before\n{page.START}\n")
    assert text.endswith(f"\n{page.END}\nafter\n")
    assert "old" not in text
    assert "| busy | 0.75 | 6 | 5 |" in text
    assert png.startswith(b"\x89PNG")
    assert page.made(text, some)[0] == text
    with pytest.raises(ValueError, match="marks"):
        page.made("no marks", some)


def test_the_picture_in_words(some):
    found = picture.errors(some)
    assert next(iter(found)) == picture.PROTOCOL
    assert picture.inside(found[picture.PROTOCOL]) == 1.0
    assert picture.inside(found["one run"]) == pytest.approx(1 - 5 / 102)
    assert "102 gradings" in picture.alt(found)


def test_the_page_shows_the_records_that_are_kept():
    records = study.read(bench.KEPT)
    text = (ROOT / "handbook" / "latency.md").read_text(encoding="utf-8")
    assert text == page.made(text, records)[0], "run python -m course.benchmarks.latency"
    assert bench.KEPT.stat().st_size < 150_000


def test_the_kept_study_is_without_a_wrong_verdict():
    records = study.read(bench.KEPT)
    count = stats.count(stats.clear(records), stats.errors(records))
    assert count.n >= 1000
    assert count.wrong == 0
    assert count.close < 0.01 * count.n
    assert {record.load for record in stats.graded(records)} == set(LOADS)
    assert len({record.family for record in records}) == 5


def test_a_task_is_found_again_in_its_record():
    assert record().task == Task(0, "idle", "small a", 0.75)
