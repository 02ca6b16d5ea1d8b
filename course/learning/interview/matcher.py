"""Which cards does a question mean? The three nearest are offered, and a person chooses.

Two opinions are added up: how near the question is to each card's wordings (words and groups of letters by TF-IDF, and
small word vectors), and what a linear classifier on the vectors says, which was fitted to the same wordings a moment
ago. `course bench interview` measures it beside either part alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from math import log

import numpy as np

from course.learning.interview.deck import Card, Deck
from course.learning.interview.tfidf import Tfidf, letter_parts, word_parts
from course.learning.interview.vectors import vector, words

#: How much each opinion counts: words, groups of letters, vectors, the classifier.
WEIGHTS = (1.0, 1.0, 3.0, 0.5)
#: Of each card so many nearest wordings count.
NEAREST = 3
RIDGE = 0.3


class Matcher:
    """Ranks the cards of a deck by how well they answer a question."""

    def __init__(self, cards: Sequence[Card], weights: Sequence[float] = WEIGHTS) -> None:
        self._cards, self._weights = tuple(cards), tuple(weights)
        pairs = [(text, at) for at, card in enumerate(self._cards) for text in _texts(card)]
        self._texts = [text for text, _ in pairs]
        self._owner = np.array([at for _, at in pairs])
        seen = Counter(word for text in self._texts for word in set(words(text)))
        of = log(len(self._texts) + 1)
        self._rare = {word: 1 - log(count + 1) / of for word, count in seen.items()}

    def near(self, question: str, most: int = 3) -> list[Card]:
        """The cards that a question probably means, the likeliest first."""
        return [self._cards[at] for at in np.argsort(-self.scores(question), kind="stable")[:most]]

    def knows(self, question: str) -> bool:
        """True if a word of three letters or more is one that the deck uses."""
        return any(len(word) > 2 and word in self._rare for word in words(question))

    def scores(self, question: str) -> np.ndarray:
        """How well each card fits."""
        by_word, by_letter, by_vector, by_class = self._weights
        near = np.zeros(len(self._texts))
        for weight, table in zip((by_word, by_letter), self._tables, strict=True):
            if weight:
                near += weight * table.near(question)
        at = self._vector(question)
        if by_vector:
            near += by_vector * (self._vectors @ at)
        found = np.array([np.sort(near[self._owner == card])[-NEAREST:].mean() for card in range(len(self._cards))])
        if by_class and len(self._texts) > len(self._cards):
            slopes, offsets = self._classifier
            found = found + by_class * (at @ slopes + offsets)
        return found

    def _vector(self, text: str) -> np.ndarray:
        return vector(text, lambda word: self._rare.get(word, 1.0))

    @cached_property
    def _vectors(self) -> np.ndarray:
        return np.array([self._vector(text) for text in self._texts])

    @cached_property
    def _tables(self) -> tuple[Tfidf, Tfidf]:
        return Tfidf(self._texts, word_parts), Tfidf(self._texts, letter_parts)

    @cached_property
    def _classifier(self) -> tuple[np.ndarray, np.ndarray]:
        """Slopes and offsets of a ridge regression for each card: 1 for its own wordings, -1 for all others."""
        wanted = np.where(self._owner[:, None] == np.arange(len(self._cards)), 1.0, -1.0)
        middle, level = self._vectors.mean(axis=0), wanted.mean(axis=0)
        rows = self._vectors - middle
        slopes = np.linalg.solve(rows.T @ rows + RIDGE * np.eye(rows.shape[1]), rows.T @ (wanted - level))
        return slopes, level - middle @ slopes


def _texts(card: Card) -> list[str]:
    """What a question is compared with: the card's own words where nobody wrote other ones for it."""
    if card.wordings:
        return [card.asks, *card.wordings]
    return [card.asks, *(part for part in re.split(r"(?<=[.?!:;])\s+", card.says) if len(part) > 15)]


def matcher(deck: Deck) -> Matcher:
    """The matcher of a deck."""
    return Matcher(deck.cards)
