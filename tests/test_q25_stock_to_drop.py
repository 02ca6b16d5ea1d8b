"""q25: windows are what the brief says, what follows is drawn afterwards, and whatever `drop.py` returns is judged."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from course import units
from course.contract.measure import measure
from course.contract.terms.holdout import Holdout
from course.key import OPEN, Key
from course.problem import Problem
from course.units.kit.worlds import Draw
from course.units.q25_stock_to_drop import judge, picture, world

UNIT = units.load("q25-stock-to-drop")
OTHER = Key(hashlib.sha256(b"another").digest(), "another")
JUDGED = ("quality", "risk", "rules", "bill", "turnover")


@pytest.fixture(scope="module")
def data():
    return UNIT.public_data(OPEN)


@pytest.fixture(scope="module")
def windows(data):
    return world.unpacked(data)


@pytest.fixture(scope="module")
def book(data):
    return world.book_of(data)


@pytest.fixture(scope="module")
def small(windows, book):
    return Holdout("public", truth={"windows": windows[:4], "rules": book}, seed=1)


def test_the_same_key_gives_the_same_world_and_another_key_another(data):
    again, other = UNIT.release(Draw(UNIT.name, OPEN)), UNIT.public_data(OTHER)
    assert all(np.array_equal(data[name], again[name], equal_nan=True) for name in data)
    assert not np.array_equal(data["holdings"], other["holdings"])
    books = {world.rules(Key(hashlib.sha256(bytes([n])).digest(), "").rng(UNIT.name, "rules")) for n in range(40)}
    assert len({one.lot for one in books}) > 25 and {one.lock for one in books} == {*world.LOCKS}


def test_windows_are_what_the_brief_says(windows):
    for one in windows:
        assert one.prices.shape == (one.first + 1 + world.MONTHS * world.MONTH, world.SHARES)
        assert np.isfinite(one.prices[one.first :]).all() and (one.prices[one.first] > 0).all()
        assert world.FUND - 20 < one.holdings.sum() < world.FUND + 20
        assert (one.amounts / world.FUND).min() >= 0.039 and (one.amounts / world.FUND).max() <= 0.091
        low, high = world.SPREAD
        assert (one.spread >= low).all() and (one.spread <= high).all()
    empty = np.mean([np.isnan(one.prices[one.first - 20 : one.first]).mean() for one in windows])
    assert 0.0005 < empty < 0.005


def test_volatility_of_years_lies_in_their_bands(windows):
    for number, one in enumerate(windows):
        low, high = world.YEARS[number % len(world.YEARS)]
        steps = np.diff(np.log(one.prices[one.first :]), axis=0).mean(axis=1)
        assert low - 1e-4 <= np.sqrt((steps**2).sum()) <= high + 1e-4


def test_newcomers_were_listed_a_short_time_ago_and_are_wild():
    some = world.windows(np.random.default_rng(1), 4, world.NEWCOMERS)
    young = [np.isnan(one.prices[one.first - 101]) for one in some]
    assert [int(one.sum()) >= 5 for one in young] == [True] * 4
    wild = [np.diff(np.log(one.prices[one.first :]), axis=0).std(axis=0) for one in some]
    assert np.mean([one[new].mean() / one[~new].mean() for one, new in zip(wild, young, strict=True)]) > 1.3


def test_no_share_keeps_what_it_earned_on_its_own():
    """Its own mean over the 23 years is known only because it lived."""
    assert np.abs(world.parts().rests.mean(axis=0)).max() < 1e-12
    real = np.diff(np.log(world.packaged().to_numpy(float)), axis=0).mean(axis=0) * 252
    assert real.max() - real.min() > 0.15


def test_what_follows_a_decision_is_not_in_the_file_behind_what_came_before():
    """A month of the market is followed by another than the file's, whatever the place."""
    market = world.parts().market
    made = world.returns(8, np.ones(world.SHARES), np.random.default_rng(2)).mean(axis=1)
    spans = np.lib.stride_tricks.sliding_window_view(market, world.MONTH)
    likeness = []
    for month in range(7):
        now, then = (made[at * world.MONTH : (at + 1) * world.MONTH] for at in (month, month + 1))
        at = int(np.argmax([np.corrcoef(now, span)[0, 1] for span in spans[: -world.MONTH]]))
        likeness.append(np.corrcoef(then, market[at + world.MONTH : at + 2 * world.MONTH])[0, 1])
    assert abs(np.mean(likeness)) < 0.25


def test_rows_after_today_are_made_up(windows):
    one, rngs = windows[0], [np.random.default_rng(seed) for seed in (0, 1)]
    tables = [one.table(3, rng) for rng in rngs]
    assert tables[0].shape == (world.ROWS, world.SHARES)
    assert np.array_equal(tables[0][: one.today + 1], tables[1][: one.today + 1], equal_nan=True)
    real = one.prices[one.first + 3 * world.MONTH + 1 :]
    for table in tables:
        assert not np.isclose(table[one.today + 1], real[0]).any()
    assert not np.allclose(tables[0][-1], tables[1][-1])


FUND = {
    "holdings": np.array([300_000.0, 400_000.0, 100_000.0]),
    "since": np.full(3, judge.NEVER),
    "spread": np.array([0.001, 0.002, 0.001]),
    "depth": np.array([60e6, 31e6, 50e6]),
}
ORDER = {"stock": 2, "amount": 90_000.0}
BOOK = world.Rules(1_000, 40, 200, 0.5)


def test_the_example_of_the_contract_is_right():
    sold = np.array([60_000.0, 31_000.0, 0.0])
    assert judge.costs(sold, FUND, BOOK) == pytest.approx(613)
    assert judge.broken(sold, FUND, ORDER, BOOK) == ""
    assert pytest.approx(0.0043, abs=1e-4) == (91_000 - 90_613) / 90_613


@pytest.mark.parametrize(
    ("sold", "since", "words"),
    [
        ([301_000, 0, 0], 9_999, judge.HELD), ([0, 90_000, 1_000], 9_999, judge.BOUGHT),
        ([60_000, 31_000, 0], 39, judge.LOCKED), ([60_500, 31_000, 0], 9_999, judge.LOTS),
        ([60_000, 30_000, 0], 9_999, judge.SHORT), ([64_000, 31_000, 0], 9_999, judge.IDLE),
        ([60_000, 31_000, 0], 40, ""),
    ],
)  # fmt: skip
def test_each_rule_of_the_house_book(sold, since, words):
    fund = FUND | {"since": np.array([since, 9_999, 9_999])}
    assert judge.broken(np.array(sold, float), fund, ORDER, BOOK) == words


def test_pro_rata_pays_for_itself_to_the_cent():
    sold = judge.pro_rata(FUND, ORDER, BOOK)
    assert sold.sum() == pytest.approx(ORDER["amount"] + judge.costs(sold, FUND, BOOK), abs=0.01)
    assert sold[2] == 0 and sold[0] / 300_000 == pytest.approx(sold[1] / 400_000)


def test_risk_is_what_the_fund_did(windows, book):
    fund = judge.usual(windows[:1], book, 1)[0]
    step, one = fund.steps[0], windows[0]
    held = one.holdings - judge.pro_rata(*judge.Fund(one).papers(0), book)
    held[one.buys[0]] += one.amounts[0]
    worth = (one.prices[one.first : one.first + 22] / one.prices[one.first]) @ held
    assert step.squares == pytest.approx((np.diff(worth) ** 2).sum() / worth[0] ** 2)
    assert step.charge == pytest.approx(book.price * step.squares * worth[0])
    assert fund.since[one.buys[0]] == world.MONTH


def test_pro_rata_is_one_by_its_own_measure(windows, book):
    plainly = judge.usual(windows[:6], book)
    assert judge.ratio(plainly, plainly) == judge.shaking(plainly, plainly) == judge.costing(plainly, plainly) == 1
    assert abs(judge.beyond(plainly)) < 1e-6 and not judge.breaches(plainly)
    squares = [one.total("squares") for one in plainly]
    assert set(judge.rough(plainly)) == {*np.argsort(squares)[-2:].tolist()}


def test_a_rank_by_gain_does_not_last_and_one_by_risk_and_costs_does(book):
    """On the hidden windows of the open key too."""
    every = picture.prophets(book)
    here = picture.scored(every, world.windows(np.random.default_rng(11), 8), book)
    there = picture.scored(every, UNIT.private_holdout(OPEN).truth["windows"][:8], book)
    gain, bill = (picture.together(getattr(here, name), getattr(there, name)) for name in ("gain", "bill"))
    assert gain < 0.6 < bill


def test_estimates_follow_from_the_brief():
    made = {
        "nineteen_orders": 19 * 190 + 728 + 520_000**2 / 19 / 60e6,
        "one_order": 190 + 728 + 520_000**2 / 60e6,
        "best_orders": (520_000**2 / 60e6 / 190) ** 0.5,
        "returns_a_number": 1_200 / 210,
        "years_of_proof": 25,
        "lucky": 100 * (1 - 0.95**24),
    }
    assert all(estimate.accepts(made[name]) for name, estimate in UNIT.estimates.items())
    assert not UNIT.estimates["returns_a_number"].accepts(1_200 / 400)
    assert not UNIT.estimates["years_of_proof"].accepts(5)
    assert not UNIT.estimates["lucky"].accepts(100)


#: Pro rata by the house rules; what the sentences below are said of.
PLAIN = """import json

import numpy as np

book = json.load(open("rules.json"))


def sell(prices, today, fund, order):
    held, may = fund["holdings"], fund["since"] >= book["lock"]
    may[order["stock"]] = False
    sold = np.where(may, held * order["amount"] / held[may].sum() // book["lot"] * book["lot"], 0)
    cost = lambda: book["ticket"] * (sold > 0).sum() + (sold * (fund["spread"] + sold / fund["depth"])).sum()
    while sold.sum() < order["amount"] + cost():
        sold[np.argmax(np.where(may, held - sold, -1))] += book["lot"]
    return sold
"""


def examined(folder, text, holdout, wanted):
    (folder / "rules.json").write_text(json.dumps(holdout.truth["rules"]._asdict()), encoding="utf-8")
    (folder / "drop.py").write_text(text, encoding="utf-8")
    return measure(UNIT, folder, holdout, wanted=wanted)


def test_pro_rata_keeps_the_rules_and_promises_and_earns_no_quality(small, tmp_path):
    report = examined(tmp_path, PLAIN, small, (*JUDGED, "interface", "poisoned"))
    kept = {clause.name for clause in report.clauses if clause.points == clause.worth}
    assert kept == {"rules", "turnover", "interface", "poisoned"}, report
    assert report["quality"].points == 0


ADDED = "\n\ndef sell(prices, today, fund, order):\n    {}\n"
WRONG = {
    "one number": ("return 3", "20 numbers of 0 or more"),
    "too few": ("return [0.0] * 19", "20 numbers of 0 or more"),
    "below zero": ("return [-1.0] * 20", "20 numbers of 0 or more"),
    "no number": ("return [float('nan')] * 20", "20 numbers of 0 or more"),
    "names": ("return {'AAPL': 1e5}", "20 numbers of 0 or more"),
    "truths": ("return np.ones(20, bool)", "20 numbers of 0 or more"),
    "nothing": ("return None", "20 numbers of 0 or more"),
    "raises": ("return 1 / 0", "ZeroDivisionError"),
    "a set": ("return set()", "can't be passed"),
    "ends": ("__import__('os')._exit(0)", "ended while"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_can_not_be_judged_is_one_sentence_and_earns_nothing(case, small, tmp_path):
    line, sentence = WRONG[case]
    report = examined(tmp_path, PLAIN + ADDED.format(line), small, JUDGED)
    assert report.points == 0
    assert all(sentence in report[name].advice and "\n" not in report[name].advice for name in JUDGED), report


def test_what_breaks_a_rule_is_sold_pro_rata_and_said(small, tmp_path):
    report = examined(tmp_path, PLAIN + ADDED.format("return np.zeros(20)"), small, JUDGED)
    assert report["rules"].points == 0 and "48 of 48 purchases, the first: what is raised" in report["rules"].advice
    assert report["quality"].value == pytest.approx(1)


def test_a_look_at_the_future_is_seen(small, tmp_path):
    line = (
        "return plain(prices, today, fund, order | {'amount': order['amount'] * (1.02 if rises(prices, today) else 1)})"
    )
    more = "\n\nplain = sell\n\n\ndef rises(prices, today):\n    return prices[-1, 0] > prices[today, 0]\n"
    peeks = PLAIN + more + ADDED.format(line)
    report = examined(tmp_path, peeks, small, ("poisoned",))
    assert report["poisoned"].points == 0 and report["poisoned"].value > 0.2


def test_what_does_not_load_keeps_no_promise(small, tmp_path):
    report = examined(tmp_path, "import nothing_of_the_kind\n", small, ("interface", "quality"))
    assert report.points == 0 and "can't be loaded" in report["interface"].advice


def test_a_replay_is_a_year_as_it_is_judged(small, tmp_path):
    (tmp_path / "rules.json").write_text(json.dumps(small.truth["rules"]._asdict()), encoding="utf-8")
    (tmp_path / "drop.py").write_text(PLAIN, encoding="utf-8")
    table = UNIT.replay(tmp_path, small, 1).frame()
    assert len(table) == world.MONTHS and (table["broken"] == "").all() and (table["orders"] > 10).all()
    with pytest.raises(Problem, match="windows 0 to 3"):
        UNIT.replay(tmp_path, small, 4)
