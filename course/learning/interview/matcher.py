"""Which cards does a question mean? The three nearest are offered, and a person chooses.

How near a question is to a wording is told by words and groups of letters (TF-IDF) and by small word vectors, added
up; a card counts by its nearest wordings. `course bench interview` measures it beside either part alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from course.learning.interview.deck import Card, Deck
from course.learning.interview.pieces import rarity, words
from course.learning.interview.tfidf import Tfidf, letter_parts, word_parts
from course.learning.interview.vectors import vector

#: How much each opinion counts: words, groups of letters, vectors.
WEIGHTS = (1.0, 1.0, 6.0)
#: Of each card so many nearest wordings count.
NEAREST = 5


class Matcher:
    """Ranks the cards of a deck by how well they answer a question."""

    def __init__(self, cards: Sequence[Card], weights: Sequence[float] = WEIGHTS) -> None:
        self._cards, self._weights = tuple(cards), tuple(weights)
        pairs = [(text, at) for at, card in enumerate(self._cards) for text in _texts(card)]
        self.texts = [text for text, _ in pairs]
        self.owner = np.array([at for _, at in pairs])
        self._known = {word for text in self.texts for word in words(text)}
        self._weight = rarity(self.texts)

    def near(self, question: str, most: int = 3) -> list[Card]:
        """The cards that a question probably means, the likeliest first."""
        return [self._cards[at] for at in np.argsort(-self.scores(question), kind="stable")[:most]]

    def knows(self, question: str) -> bool:
        """True if a word of three letters or more is one that the deck uses."""
        return any(len(word) > 2 and word in self._known for word in words(question))

    def scores(self, question: str) -> np.ndarray:
        """How well each card fits."""
        by_word, by_letter, by_vector = self._weights
        near = np.zeros(len(self.texts))
        for weight, table in zip((by_word, by_letter), self._tables, strict=True):
            if weight:
                near += weight * table.near(question)
        if by_vector:
            near += by_vector * (self._vectors @ self._vector(question))
        return np.array([np.sort(near[self.owner == card])[-NEAREST:].mean() for card in range(len(self._cards))])

    def _vector(self, text: str) -> np.ndarray:
        return vector(text, self._weight)

    @cached_property
    def _vectors(self) -> np.ndarray:
        return np.array([self._vector(text) for text in self.texts])

    @cached_property
    def _tables(self) -> tuple[Tfidf, Tfidf]:
        return Tfidf(self.texts, word_parts), Tfidf(self.texts, letter_parts)


def _texts(card: Card) -> list[str]:
    """What a question is compared with: the card's own words where nobody wrote other ones for it."""
    if card.wordings:
        return [card.asks, *card.wordings]
    return [card.asks, *(part for part in re.split(r"(?<=[.?!:;])\s+", card.says) if len(part) > 15)]


def matcher(deck: Deck) -> Matcher:
    """The matcher of a deck."""
    return Matcher(deck.cards)
