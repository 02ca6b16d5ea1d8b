"""Scorecards and briefs as they are read: text in a terminal, HTML in a notebook."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from html import escape

from course.learning.interview.deck import Card
from course.learning.interview.scorecard import Scorecard

WIDTH = 100
NEXT = "Next: write your memo in the notebook. `unit.memo()` shows the rubric, and other memos once they may be seen."
NOT_KEPT = "Accepted ranges stand beside them once your estimates are kept."


def lines(text: str, first: str = "", then: str = "") -> str:
    """A text in lines that fit a terminal."""
    return textwrap.fill(text, WIDTH, initial_indent=first, subsequent_indent=then or " " * len(first))


class Mirror(Scorecard):
    """A scorecard that shows itself."""

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)


def headline(card: Scorecard) -> str:
    """The interview in a sentence."""
    of = card.facts + len(card.missed)
    met = sum(bool(row.sentence) for row in card.rows)
    rows = f", {met} of {len(card.rows)} rows of the rubric touched" if card.rows else ""
    spent, clock = card.minutes["spent"], card.minutes["of"]
    return f"{card.facts} of {of} facts asked for{rows}, {spent} of {clock} minutes spent"


def minutes(card: Scorecard) -> str:
    """Where the minutes went, as a sentence."""
    parts = [f"{name} {spent}" for name, spent in card.minutes.items() if name not in ("of", "spent") and spent]
    return f"Minutes: {', '.join(parts)}." if parts else "No minute was spent."


def then(card: Scorecard) -> str:
    """What is different from the interview before."""
    if card.before is None:
        return ""
    met = sum(bool(row.sentence) for row in card.rows)
    change = f"Last time: {card.before.facts} facts and {card.before.rows} rows; now {card.facts} and {met}."
    new = f" New: {' '.join(card.before.new)}" if card.before.new else ""
    lost = f" Not asked again: {' '.join(card.before.lost)}" if card.before.lost else ""
    return change + new + lost


def as_text(card: Scorecard) -> str:
    """The scorecard for a terminal."""
    out = [f"{card.unit}: {headline(card)}", card.said, "", minutes(card)]
    out += [lines(then(card))] if card.before else []
    if card.asked:
        out += ["", "What you asked for, in order"]
    for number, one in enumerate(card.asked, 1):
        sign = "✓" if one.kind == "fact" else "○"
        out.append(lines(one.card, f"{number:>3}. {sign} "))
        out += [lines(f'in your words: "{one.question}"', " " * 7)] if one.question else []
        out += [lines(f"it {one.worth}" if one.kind == "fact" else one.worth, " " * 7)] if one.worth else []
    if card.missed:
        out += ["", "What you did not ask for"]
    for one in card.missed:
        out.append(lines(one.card, "  ✗ "))
        out.append(lines(plain(one.says), " " * 4))
        out += [lines(f"Asked, it {one.changes}.", " " * 4)] if one.changes else []
        out += [lines(f"Missed: {one.costs}.", " " * 4)] if one.costs else []
    if card.rows:
        out += ["", "Rows of the rubric"]
    for row in card.rows:
        said = f'"{row.sentence}"' if row.sentence else f"nothing. {row.follow_up}"
        out.append(lines(f"{row.name} ({row.points}): {said}", f"  {'✓' if row.sentence else '✗'} ", " " * 4))
    out += [*_numbers(card), "", lines(NEXT)]
    return "\n".join(out)


def _numbers(card: Scorecard) -> list[str]:
    out = []
    if card.told:
        out += ["", "Numbers that you gave", *(lines(f'"{part}"', "  ") for part in card.told)]
    if card.numbers:
        out += ["", "Numbers that the estimates ask for"]
        for one in card.numbers:
            beside = f": {one.wanted}; you said {_quoted(one.said)}" if one.wanted else ""
            out.append(lines(f"{one.question}{beside}", "  "))
        out += [] if any(one.wanted for one in card.numbers) else [f"  {NOT_KEPT}"]
    return out


def _quoted(said: str) -> str:
    return f'"{said}"' if said else "nothing that fits"


def as_html(card: Scorecard) -> str:
    """The scorecard for a notebook."""
    from course.contract.show.page import card as frame
    from course.contract.show.page import grid, paragraph, row

    parts = [
        f'<p style="margin:0 0 6px"><strong>{escape(card.unit)}: {escape(headline(card))}</strong></p>',
        paragraph(card.said),
        paragraph(minutes(card), faint=True),
    ]
    parts += [paragraph(then(card))] if card.before else []
    if card.asked:
        made = "".join(
            row(
                f"{number}. {one.card}",
                escape(one.question or "found in the deck"),
                escape(plain(one.says)),
                escape(one.worth),
            )
            for number, one in enumerate(card.asked, 1)
        )
        parts.append(grid(("You asked for", "In your words", "The answer", "What it changes"), made, "In order"))
    if card.missed:
        made = "".join(
            row(one.card, escape(plain(one.says)), escape(one.changes), escape(one.costs)) for one in card.missed
        )
        heads = ("You did not ask", "The answer", "What it changes", "What missing it costs")
        parts.append(grid(heads, made, "Facts that nobody asked for"))
    if card.rows:
        made = "".join(
            row(
                f"{'✓' if one.sentence else '✗'} {one.name}",
                f"{one.points}",
                escape(f'"{one.sentence}"' if one.sentence else f"Nothing. {one.follow_up}"),
            )
            for one in card.rows
        )
        parts.append(grid(("Row", "Points", "What touches it"), made, "The rubric, with your own sentences"))
    if card.numbers:
        made = "".join(
            row(one.question, escape(one.wanted or "–"), escape(_quoted(one.said) if one.wanted else "–"))
            for one in card.numbers
        )
        parts.append(grid(("Estimate", "Accepted", "What you said"), made, "Numbers"))
        parts += [] if any(one.wanted for one in card.numbers) else [paragraph(NOT_KEPT, faint=True)]
    if card.told:
        parts.append(paragraph("Numbers that you gave: " + " · ".join(f'"{part}"' for part in card.told)))
    return frame(*parts, paragraph(NEXT))


class MarkedBrief:
    """The brief's facts, those that were asked for marked."""

    def __init__(self, line: str, facts: Sequence[Card], asked: Iterable[str]) -> None:
        self.line, self.facts, self.asked = line, tuple(facts), frozenset(asked)

    def _head(self) -> str:
        found = sum(card.asks in self.asked for card in self.facts)
        return f"{self.line} In your last interview you asked for {found} of {len(self.facts)} facts (✓)."

    def __repr__(self) -> str:
        out = [lines(self._head())]
        for card in self.facts:
            sign = "✓" if card.asks in self.asked else "○"
            out += [lines(card.asks, f"{sign} "), lines(plain(card.says), "    ")]
        return "\n".join(out)

    def _repr_html_(self) -> str:
        from course.contract.show.page import card as frame
        from course.contract.show.page import grid, row

        made = "".join(
            row(f"{'✓' if card.asks in self.asked else '○'} {card.asks}", escape(plain(card.says)))
            for card in self.facts
        )
        return frame(
            f'<p style="margin:0 0 6px"><strong>{escape(self._head())}</strong></p>',
            grid(("You ask", "They say"), made, "The brief; ✓ is what you asked for"),
        )


def plain(text: str) -> str:
    """Markdown of a brief as plain text."""
    return text.replace("**", "").replace("*", "").replace("`", "")
