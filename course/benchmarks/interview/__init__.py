"""The interviewer: how often is the card that an unseen question means among the three that are offered?

Questions are kept in questions/, apart from the wordings of the decks; `by` says who wrote them: somebody who saw only
the facts, or a deck's author. All ways to match are asked the same questions in one run.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable
from pathlib import Path

from rich.table import Table

from course.problem import Problem

FOLDER = Path(__file__).with_name("questions")
#: What `course bench interview --json` printed last: the handbook's table is made of it.
MEASURED = Path(__file__).with_name("measured.json")
BY = {"facts": "written from the facts alone", "deck": "written by a deck's author"}
#: Weights of the opinions (words, groups of letters, vectors), by what is compared.
WAYS = {
    "TF-IDF": (1.0, 1.0, 0.0),
    "vectors": (0.0, 0.0, 1.0),
    "together": None,  # as it is served
}


def questions() -> dict[str, list[tuple[str, str, str]]]:
    """By unit: who wrote a question, the fact's own question, the unseen one. Raises Problem for a damaged file."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for file in sorted(FOLDER.rglob("*.toml")):
        try:
            said = tomllib.loads(file.read_text(encoding="utf-8"))
            if said["by"] not in BY:
                raise ValueError(f"by is {said['by']!r}")
            rows = [(said["by"], asks, one) for asks, many in said["questions"].items() for one in many]
            rows += [(said["by"], "", one) for one in said.get("off", {}).get("questions", [])]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Problem(f"{file.name} can't be read as held-out questions: {error}.") from None
        found.setdefault(file.stem.removesuffix(".deck"), []).extend(rows)
    return found


def run(quick: bool, progress: Callable[[str], None]) -> list[dict]:
    """A record for each unit, who wrote its questions, and each way: shares found first and among three, milliseconds.

    `quick` asks every fourth question.
    """
    from course import units
    from course.learning.interview.deck import deck
    from course.learning.interview.matcher import WEIGHTS, Matcher

    records = []
    for name, rows in questions().items():
        progress(name)
        cards = deck(units.load(name))
        if unknown := {asks for _, asks, _ in rows if asks} - {card.asks for card in cards.facts}:
            raise Problem(f"Held-out questions of {name} name no fact of it: {', '.join(sorted(unknown))}.")
        for way, weights in WAYS.items():
            matcher = Matcher(cards.cards, weights or WEIGHTS)
            matcher.near("first, so that all is loaded")
            for by in dict.fromkeys(row[0] for row in rows):
                asked = [(asks, one) for who, asks, one in rows if who == by and asks][:: 4 if quick else 1]
                start = time.perf_counter()
                offers = [[card.asks for card in matcher.near(one)] for _, one in asked]
                took = (time.perf_counter() - start) / max(len(asked), 1)
                ranks = [
                    offer.index(asks) if asks in offer else -1 for (asks, _), offer in zip(asked, offers, strict=True)
                ]
                records.append(
                    {
                        "unit": name, "by": by, "way": way, "written": cards.written, "cards": len(cards.cards),
                        "questions": len(asked), "first": ranks.count(0), "three": sum(rank >= 0 for rank in ranks),
                        "milliseconds": 1000 * took,
                        "missed": [one for (_, one), rank in zip(asked, ranks, strict=True) if rank < 0],
                    }
                )  # fmt: skip
    return records


def shares(records: list[dict], way: str, by: str = "", unit: str = "") -> tuple[float, float, int]:
    """Shares of questions whose card is first, and among three, and how many questions there were."""
    chosen = [one for one in records if one["way"] == way and by in ("", one["by"]) and unit in ("", one["unit"])]
    asked = sum(one["questions"] for one in chosen)
    first, three = (sum(one[what] for one in chosen) for what in ("first", "three"))
    return first / max(asked, 1), three / max(asked, 1), asked


def table(result: list[dict]) -> Table:
    """A row for each unit, and one for all: the share among three by each way."""
    ways = list(WAYS)
    made = Table("Unit", "Cards", "Questions", *(f"{way}: among three" for way in ways), f"{ways[-1]}: first")
    for unit in dict.fromkeys(one["unit"] for one in result):
        one = next(one for one in result if one["unit"] == unit)
        found = {way: shares(result, way, unit=unit) for way in ways}
        cards = f"{one['cards']}{'' if one['written'] else ', no deck'}"
        made.add_row(
            unit,
            cards,
            f"{found[ways[0]][2]:,}",
            *(f"{found[way][1]:.0%}" for way in ways),
            f"{found[ways[-1]][0]:.0%}",
        )
    made.add_section()
    for by, words in (("", "all"), *BY.items()):
        found = {way: shares(result, way, by) for way in ways}
        if found[ways[0]][2]:
            made.add_row(
                words, "", f"{found[ways[0]][2]:,}", *(f"{found[way][1]:.0%}" for way in ways),
                f"{found[ways[-1]][0]:.0%}",
            )  # fmt: skip
    slowest = max((one["milliseconds"] for one in result if one["way"] == ways[-1]), default=0)
    made.caption = f"A question takes {slowest:.0f} ms in the slowest unit."
    return made


def markdown(result: list[dict]) -> str:
    """The same as `table`, in Markdown: shares among three, and first where all work together."""
    ways = list(WAYS)
    made = [
        f"| Unit | Cards | Questions | {' | '.join(ways)} | together, first |",
        "| --- |" + " --- |" * (len(ways) + 3),
    ]
    rows = [(name, name, "") for name in dict.fromkeys(one["unit"] for one in result)]
    for shown, unit, by in [*rows, ("all", "", ""), *((words, "", by) for by, words in BY.items())]:
        found = {way: shares(result, way, by, unit) for way in ways}
        if asked := found[ways[0]][2]:
            cards = next((str(one["cards"]) for one in result if one["unit"] == unit), "")
            cells = [*(found[way][1] for way in ways), found[ways[-1]][0]]
            told = " | ".join(f"{cell:.0%}".replace("%", " %") for cell in cells)
            made.append(f"| {shown} | {cards} | {asked:,} | {told} |")
    return "\n".join((*made, "", "Shares of questions whose card is among the three that are offered.")) + "\n"
