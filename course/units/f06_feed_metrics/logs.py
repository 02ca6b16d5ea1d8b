"""The half of f06 that stands on real logs: what a fashion shop showed to whom, with which probability.

Contexts, items and probabilities are those of the Open Bandit Dataset (Saito et al. 2020, arXiv:2008.07146, CC BY 4.0),
as the package `obp` carries it: a week of a bandit (Thompson sampling) in November 2019, 10,000 rows for each campaign.
Clicks are so few there (50 in 10,000) that no interval could be checked. So a model is fitted to them, and every log
that is judged draws rewards of its own: the fitted effects of items, given to other items, and those of visitors, with
tastes of visitors for items drawn on top, at a rate of about one in ten. The truth is then known.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd

#: Columns of a log that say who was there; codes, all small whole numbers.
CONTEXT = ("position", "age", "gender", "since", "region")
_RAW = ("position", "user_feature_0", "user_feature_1", "user_feature_2", "user_feature_3")
#: Share of rows that are rewarded if items are shown by chance; how far tastes of visitors differ.
RATE, TASTE = (0.07, 0.13), 0.6
#: Rows with a probability below this are in both halves of a campaign.
RARE = 0.001


@dataclass(frozen=True)
class Sort:
    """Rows of a log; how much of the shop's habits a policy keeps, how well it knows rewards, how much it guesses."""

    rows: int = 2_000
    keeps: float = 0.6
    knows: tuple[float, float] = (0.2, 0.6)
    guesses: float = 0.4


USUAL, FAR = Sort(), Sort(keeps=0.0, guesses=1.0)


@dataclass(frozen=True)
class Campaign:
    """Rows of one campaign, and the effects that were fitted to its clicks, in log-odds."""

    contexts: np.ndarray  # (contexts, 5): codes of each different one
    who: np.ndarray  # (rows,): which context
    item: np.ndarray  # (rows,)
    propensity: np.ndarray  # (rows,): with which probability this item was shown
    items: np.ndarray  # (items,): effects
    visitors: np.ndarray  # (contexts,): effects of their codes, summed

    def __len__(self) -> int:
        return len(self.who)

    def of(self, rows: np.ndarray) -> Campaign:
        """The same campaign with some of its rows."""
        return replace(self, who=self.who[rows], item=self.item[rows], propensity=self.propensity[rows])


@dataclass(frozen=True)
class Case:
    """One log, the policy that is asked about, and what that policy would really earn a row."""

    log: pd.DataFrame
    policy: np.ndarray  # (rows, items): probabilities
    value: float


@cache
def campaign(name: str) -> Campaign:
    """A campaign of the packaged data: what its bandit did, and what clicks say, those on random items among them."""
    bandit = _table("bts", name)
    both = pd.concat([bandit, _table("random", name)], ignore_index=True)
    click, item = both["click"].to_numpy(float), both["item_id"].to_numpy()
    codes = np.column_stack([pd.factorize(both[column], sort=True)[0] for column in _RAW])
    contexts, who = np.unique(codes[: len(bandit)], axis=0, return_inverse=True)
    visitors = np.zeros(len(contexts))
    for column, known in zip(contexts.T, codes.T, strict=True):
        visitors += _effects(known, click)[column]
    return Campaign(
        contexts=contexts.astype(np.uint8),
        who=who.astype(np.uint16),
        item=item[: len(bandit)].astype(np.uint8),
        propensity=bandit["propensity_score"].to_numpy(),
        items=_effects(item, click),
        visitors=visitors,
    )


def _table(policy: str, name: str) -> pd.DataFrame:
    file = importlib.metadata.distribution("obp").locate_file(f"obp/dataset/obd/{policy}/{name}/{name}.csv")
    return pd.read_csv(str(file), usecols=["item_id", "click", "propensity_score", *_RAW])


def _effects(code: np.ndarray, click: np.ndarray) -> np.ndarray:
    """Log of how much more often each code is clicked than all are, drawn towards none as if by 5 clicks more."""
    seen = np.bincount(code) * click.mean()
    return np.log((np.bincount(code, click) + 5) / (seen + 5))


def halves(shop: Campaign, rng: np.random.Generator) -> tuple[Campaign, Campaign]:
    """Two campaigns of half the rows each; rows that were shown against all odds are in both."""
    order = rng.permutation(len(shop))
    rare = np.flatnonzero(shop.propensity < RARE)
    return tuple(shop.of(np.union1d(rows, rare)) for rows in np.array_split(order, 2))  # type: ignore[return-value]


def cases(shop: Campaign, count: int, rng: np.random.Generator, sort: Sort = USUAL) -> Iterator[Case]:
    """Logs of the campaign's rows, each with rewards and a new policy of its own."""
    codes = [np.eye(int(column.max()) + 1)[column] for column in shop.contexts.T.astype(int)]
    known, share = np.hstack(codes), np.bincount(shop.who, minlength=len(shop.contexts)) / len(shop)
    position, items = shop.contexts[:, 0], len(shop.items)
    shown = np.array([np.bincount(shop.item[position[shop.who] == at], minlength=items) for at in range(3)])
    habits = np.log(shown + 5.0)[position]
    lifted = shop.items / shop.items.std()
    for _ in range(count):
        taste = rng.normal(0, TASTE / np.sqrt(len(CONTEXT)), (known.shape[1], items))
        logit = rng.permutation(lifted) + shop.visitors[:, None] + known @ taste
        chance = _odds(logit + _level(logit, share, rng.uniform(*RATE)))
        likes = logit - logit.mean(axis=1, keepdims=True)
        wish = rng.uniform(*sort.knows) * likes / likes.std() + rng.normal(0, sort.guesses, items)
        policy = np.exp(wish + sort.keeps * habits)
        policy /= policy.sum(axis=1, keepdims=True)
        rows = rng.choice(len(shop), min(sort.rows, len(shop)), replace=False)
        who, item = shop.who[rows], shop.item[rows]
        log = pd.DataFrame(shop.contexts[who], columns=list(CONTEXT))
        log["item"], log["propensity"] = item, shop.propensity[rows]
        log["reward"] = (rng.random(len(rows)) < chance[who, item]).astype(np.uint8)
        yield Case(log, policy[who].astype(np.float32), float(share @ (policy * chance).sum(axis=1)))


def _level(logit: np.ndarray, share: np.ndarray, rate: float) -> float:
    """What to add to log-odds so that their probabilities have this mean."""
    level = np.log(rate)
    for _ in range(6):
        level += np.log(rate / float(share @ _odds(logit + level).mean(axis=1)))
    return level


def _odds(logit: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logit))


def packed(shop: Campaign, name: str) -> Mapping[str, np.ndarray]:
    """A campaign as arrays by name."""
    return {f"{name}_{field}": getattr(shop, field) for field in Campaign.__dataclass_fields__}


def unpacked(data: Mapping[str, np.ndarray], name: str) -> Campaign:
    """What `packed` made arrays of."""
    return Campaign(*(data[f"{name}_{field}"] for field in Campaign.__dataclass_fields__))
