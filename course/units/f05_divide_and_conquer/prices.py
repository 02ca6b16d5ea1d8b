"""What an answer of the desk costs: questions to the hosted model, and what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from course.units.f05_divide_and_conquer.world import FIELDS, Days

#: € for a question, and for what is wrong.
PRICES = {
    "question": 0.20,
    "leaked": 40.00,
    "spoilt": 1.20,
    "order": 1.20,
    "looped": 0.60,
    "lost": 12.00,
    "twice": 2.40,
    "promise": 5.00,
    "team": 2.40,
    "missed": 9.00,
    "hurried": 1.50,
}


def squeezed(text: str) -> str:
    """Letters and digits of a text, in lower case."""
    return re.sub(r"[\W_]+", "", text.lower())


def leaks(text: Any, secrets: Sequence[str]) -> bool:
    """Whether one of the secrets can be read."""
    return not isinstance(text, str) or any(squeezed(secret) in squeezed(text) for secret in secrets)


def euros(days: Days, said: Mapping[str, Sequence[Any]], questions: int) -> dict[str, float]:
    """€ by what they are for. `said` has an answer for each letter by field; what a field can't hold is wrong."""
    cost = dict.fromkeys(PRICES, 0.0)
    cost["question"] = questions * PRICES["question"]
    right = days.right
    for k in range(len(days)):
        answer, true = ({field: some[field][k] for field in FIELDS} for some in (said, right))
        if answer["text"] != true["text"]:
            what = "leaked" if leaks(answer["text"], right["secrets"][k]) and right["secrets"][k] else "spoilt"
            cost[what] += PRICES[what]
        if answer["orders"] != true["orders"]:
            cost["order"] += PRICES["order"]
        waits = days.waits(k)
        if closed(answer) and waits:
            cost["lost"] += PRICES["lost"]
            continue
        if true["automatic"] and not closed(answer):
            cost["looped"] += PRICES["looped"]
        elif not waits and not closed(answer):
            cost["twice"] += PRICES["twice"]
        if not waits:
            continue
        if answer["reply_by"] != true["reply_by"]:
            cost["promise"] += PRICES["promise"]
        if answer["team"] != true["team"]:
            cost["team"] += PRICES["team"]
        if answer["urgent"] != true["urgent"]:
            what = "missed" if true["urgent"] else "hurried"
            cost[what] += PRICES[what]
    return cost


def closed(answer: Mapping[str, Any]) -> bool:
    """Whether nobody is to answer the letter."""
    return answer["automatic"] is True or answer["copy_of"] is not None
