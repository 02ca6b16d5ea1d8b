"""Opening hours, public holidays and clocks of the countries of f05, and when a promise falls due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

FORM = "%Y-%m-%d %H:%M"
#: Minutes that clocks are ahead of UTC in winter, and whether there is summer time.
ZONES = {"BE": (60, True), "DE": (60, True), "FI": (120, True), "IE": (0, True), "IS": (0, False), "PT": (0, True)}
FIRST, LAST = date(2026, 1, 1), date(2027, 3, 1)
#: Public holidays: days of the year, days after Easter Sunday, and (month, weekday, which; -1 is the last).
FIXED = {
    "BE": "01-01 05-01 07-21 08-15 11-01 11-11 12-25",
    "DE": "01-01 05-01 10-03 12-25 12-26",
    "FI": "01-01 01-06 05-01 12-06 12-25 12-26",
    "IE": "01-01 03-17 12-25 12-26",
    "IS": "01-01 05-01 06-17 12-25 12-26",
    "PT": "01-01 04-25 05-01 06-10 08-15 10-05 11-01 12-01 12-08 12-25",
}
EASTER = {"BE": (1, 39, 50), "DE": (-2, 1, 39, 50), "FI": (-2, 1, 39), "IE": (1,), "IS": (-3, -2, 1, 39, 50)}
EASTER["PT"] = (-2, 60)
MONDAYS = {"IE": ((5, 1), (6, 1), (8, 1), (10, -1)), "IS": ((8, 1),)}


def easter(year: int) -> date:
    """Easter Sunday (the anonymous Gregorian computus)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    ell = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    month, day = divmod(h + ell - 7 * ((a + 11 * h + 22 * ell) // 451) + 114, 31)
    return date(year, month, day + 1)


def monday(year: int, month: int, which: int) -> date:
    """The first (1) or last (-1) Monday of a month."""
    if which > 0:
        first = date(year, month, 1)
        return first + timedelta(-first.weekday() % 7)
    last = date(year, month + 1, 1) - timedelta(1)
    return last - timedelta(last.weekday())


def holidays(country: str) -> set[date]:
    """Public holidays of all years that are looked at."""
    found = set()
    for year in range(FIRST.year, LAST.year + 1):
        found |= {date.fromisoformat(f"{year}-{day}") for day in FIXED[country].split()}
        found |= {easter(year) + timedelta(days) for days in EASTER[country]}
        found |= {monday(year, *one) for one in MONDAYS.get(country, ())}
    return found


def changes(country: str) -> list[list[Any]]:
    """[UTC from which on, minutes ahead], in order: summer time begins and ends on last Sundays, at 01:00 UTC."""
    ahead, summer = ZONES[country]
    found: list[list[Any]] = [[FIRST.strftime(FORM), ahead]]
    for year in range(FIRST.year, LAST.year + 1) if summer else ():
        for month, more in ((3, 60), (10, 0)):
            last = date(year, month, 31)
            at = datetime.combine(last - timedelta((last.weekday() + 1) % 7), datetime.min.time(), None)
            found.append([(at + timedelta(hours=1)).strftime(FORM), ahead + more])
    return [one for one in found if one[0] <= LAST.strftime(FORM)]


def tables(rng: np.random.Generator) -> dict[str, Any]:
    """The desk's tables in a world: plain dicts, lists and text."""
    made: dict[str, Any] = {"zones": {}, "open": {}, "closed": {}}
    for country in ZONES:
        opens, closes = 60 * 8 + 30 * int(rng.integers(0, 4)), 60 * 16 + 30 * int(rng.integers(0, 5))
        noon = 60 * 12 + 30 * int(rng.integers(0, 2))
        day = [[opens, closes]] if rng.random() < 0.5 else [[opens, noon], [noon + 60, closes]]
        friday = [[opens, noon + 60]] if rng.random() < 0.4 else day
        saturday = [[opens + 60, noon]] if rng.random() < 0.4 else []
        week = [day, day, day, day, friday, saturday, []]
        made["open"][country] = [[[_hours(start), _hours(end)] for start, end in spans] for spans in week]
        own = {FIRST + timedelta(int(rng.integers((LAST - FIRST).days))) for _ in range(6)}
        made["closed"][country] = sorted(one.isoformat() for one in holidays(country) | own)
        made["zones"][country] = changes(country)
    made["promise"] = {
        "basic": 60 * int(rng.integers(14, 21)), "plus": 60 * int(rng.integers(7, 11)),
        "school": 30 * int(rng.integers(5, 9)),
    }  # fmt: skip
    return made


def _hours(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


class Clock:
    """When promises fall due in one country: every minute of the years is written down, and looked up."""

    def __init__(self, tables: Mapping[str, Any], country: str):
        self._start = datetime.combine(FIRST, datetime.min.time())
        days = (LAST - FIRST).days
        ahead = np.zeros(days * 1440, np.int64)  # by UTC minute
        for since, minutes in tables["zones"][country]:
            ahead[max(self.minute(since), 0) :] = minutes
        local = np.arange(days * 1440) + ahead
        day = (FIRST.weekday() + local // 1440) % 7
        is_open = np.zeros(len(local), bool)
        for weekday, spans in enumerate(tables["open"][country]):
            for start, end in spans:
                within = (local % 1440 >= _minutes(start)) & (local % 1440 < _minutes(end))
                is_open |= (day == weekday) & within
        closed = np.array([(date.fromisoformat(one) - FIRST).days for one in tables["closed"][country]])
        is_open &= ~np.isin(local // 1440, closed)
        self._open = np.flatnonzero(is_open)

    def minute(self, when: str) -> int:
        """Minutes from the first day to a time in UTC."""
        return int((datetime.strptime(when, FORM) - self._start).total_seconds() // 60)

    def due(self, when: str, minutes: int) -> str:
        """The end of the last of so many open minutes from `when` on, in UTC."""
        first = np.searchsorted(self._open, self.minute(when))
        return (self._start + timedelta(minutes=int(self._open[first + minutes - 1]) + 1)).strftime(FORM)


def _minutes(text: str) -> int:
    return 60 * int(text[:2]) + int(text[3:])


def due(tables: Mapping[str, Any], tickets: Sequence[Mapping[str, Any]]) -> list[str]:
    """When each ticket is to be answered."""
    clocks = {country: Clock(tables, country) for country in {one["country"] for one in tickets}}
    return [clocks[one["country"]].due(one["time"], tables["promise"][one["plan"]]) for one in tickets]
