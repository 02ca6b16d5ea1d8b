"""q17: which language is this? Forty cells of braille, 64 languages, and the ones that nobody named."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from course.contract.artifacts.gate import ModelSpec, Tensor
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout, Probe
from course.contract.terms.report import Measurement, Term
from course.key import Key
from course.units.base import ModelUnit
from course.units.q17_language_id.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

#: Known languages; this answer says "none of them".
UNKNOWN = 64
#: Languages that "worst" averages: the least of 64 alone would be luck.
WORST = 6
#: Windows without a letter.
EMPTY = 300


class LanguageId(ModelUnit):
    """Code points in, one of 64 languages or "unknown" out."""

    name = "q17-language-id"
    title = "Which language is this?"
    brief = "How would you build a system that identifies which language a text is written in?"
    model = ModelSpec(
        inputs={"codes": Tensor("int32", (None, 40))},
        outputs={"language": Tensor("int64", (None,))},
        most_bytes=40_000_000,  # whoever keeps every n-gram is measured, and loses
    )
    also = ("baseline.onnx",)

    estimates: Mapping[str, Estimate] = {
        "exact_table_mb": Estimate(
            "How large is a table of one float32 for each of 230,000 n-grams and 64 languages?", "MB", 58, 60,
            "230,000 x 64 x 4 bytes = 58.9 MB",
        ),
        "share_my_row": Estimate(
            "230,000 n-grams are hashed into 8,192 rows. How many others share an n-gram's row on average?",
            "n-grams", 27.5, 28.6,
            "229,999 others, each in this row with 1 / 8,192: 28.1",
        ),
        "wrong_an_hour": Estimate(
            "How often an hour does a reader meet a wrong window, at 100 words a minute and 12 % wrong?",
            "times an hour", 105, 111,
            "100 words x 6 cells / 40 cells = 15 windows a minute x 60 x 0.12 = 108",
        ),
        "truly_strange_percent": Estimate(
            "Of all answers 'unknown', what share are windows in a language that the model does not know?", "%", 29, 34,
            "0.03 x 0.75 / (0.03 x 0.75 + 0.97 x 0.05) = 0.0225 / 0.071 = 31.7 %",
        ),
        "wrong_majority_percent": Estimate(
            "How often are two or three of three windows of one text read wrong, at 12 % each?", "%", 3.8, 4.2,
            "3 x 0.12^2 x 0.88 + 0.12^3 = 4.0 %",
        ),
    }  # fmt: skip

    hints = HINTS
    terms = (
        Term(
            "estimates", "Estimates in range", "of 5", 5, "higher", 10, "Work the estimates out again.",
            floor=0, digits=0,
        ),
        Term(
            "baseline", "Baseline's recall, mean of 64 languages", "% of windows", 0.55, "higher", 4,
            "Letters alone get further than that: look at the rows of your table and their order.", band=0.01,
            scale=100,
        ),
        Term(
            "interface", "Serves as the contract says", "of 5 checks", 5, "higher", 6,
            "Read the contract's inputs and outputs again.", floor=0, digits=0,
        ),
        Term(
            "quality", "Recall, mean of 64 languages", "% of windows", 0.80, "higher", 18,
            "Look which languages are taken for which, and how many known windows are refused.",
            floor=0.68, band=0.005, scale=100,
        ),
        Term(
            "strangers", "Strangers refused, less known ones refused", "% of windows", 0.60, "higher", 12,
            "The best of 64 is always best: ask how well it fits, compared with what is usual for that language.",
            floor=0.15, band=0.01, scale=100,
        ),
        Term(
            "latency", "Cost of one window", "x calibration model", 3.0, "lower", 8,
            "Look rows up instead of multiplying by zeros, and make all n-grams with few operators.", digits=2,
            production=True,
        ),
        Term(
            "size", "Bytes of the file", "kB", 800_000, "lower", 6,
            "Rows x languages x bytes: each of the three can be made smaller.", scale=1e-3, digits=0, production=True,
        ),
        Term(
            "memory", "Memory to load and run", "MB", 3.2, "lower", 6,
            "Memory follows from the table and from the largest result between two operators.", production=True,
        ),
        Term(
            "operators", "Operators in the graph", "", 150, "lower", 0, "Export one plain graph.",
            digits=0, production=True,
        ),
        Term(
            "worst", "Recall, mean of the six worst languages", "% of windows", 0.45, "higher", 4,
            "Neighbours are taken for each other: what do you know that tells them apart, and did the table keep it?",
            floor=0.15, band=0.02, scale=100, hidden=True,
        ),
        Term(
            "capitals", "Recall in capitals", "% of windows", 0.78, "higher", 2,
            "The same words in capitals are the same words, also beyond A to Z.",
            floor=0.40, band=0.01, scale=100, hidden=True,
        ),
        Term(
            "mixed", "Recall beside what is in no language", "% of windows", 0.74, "higher", 2,
            "The brief names what stands beside the words. Has your model ever seen any of it?",
            floor=0.60, band=0.01, scale=100, hidden=True,
        ),
        Term(
            "nothing", "Unknown where there are no letters", "% of windows", 0.99, "higher", 2,
            "Where there is nothing to read, no language is right: an empty window and signs of any kind.",
            floor=0.50, band=0.01, scale=100, hidden=True,
        ),
    )  # fmt: skip

    def public_data(self, key: Key) -> dict[str, np.ndarray]:
        """What a learner sees.

        `languages` (64,) codes in the order of the answers; `texts_train`, whole strings joined by line ends, and
        `y_train` (n,) int64; `codes_public` (n, 40) int32 with `y_public` (n,) int64 and `language_public` (n,) codes.
        """
        return dict(_public(self, key))

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Windows of other messages, and of eight languages that are not in the training rows."""
        import numpy as np

        probe = Probe({"codes": data["codes_public"]})
        listed = data["languages"].tolist()
        listed += sorted(set(data["language_public"].tolist()) - set(listed))
        truth = {"place": np.array([listed.index(one) for one in data["language_public"].tolist()])}
        return Holdout("public", {"rows": probe}, {**truth, "names": _names(listed)}, timing=probe)

    def private_holdout(self, key: Key) -> Holdout:
        """Windows of other messages again, and eight other strangers; capitals, company and nothing to read."""
        return _private(self, key)

    def evaluate(self, answers: Mapping[str, Mapping[str, np.ndarray]], holdout: Holdout) -> dict[str, Measurement]:
        """Recall by language, and how much more often strangers are refused than known languages."""
        import numpy as np

        place, said = holdout.truth["place"], answers["rows"]["language"]
        known = place < UNKNOWN
        by_language = _recalls(said, place)
        refused = float((said[known] == UNKNOWN).mean())
        apart = [(said[place == one] == UNKNOWN).mean() for one in np.unique(place[~known])]
        aside = ""
        if holdout.name == "public":  # exact numbers on hidden windows would be an oracle
            aside = f"{refused:.1%} of known windows refused"
            names, low = holdout.truth["names"], np.argsort(by_language)[:3]
            worst = "worst: " + ", ".join(f"{names[k]} {by_language[k]:.0%}" for k in low)
        note = ""
        if said.min() < 0 or said.max() > UNKNOWN:
            note = f"Answers reach from {said.min():,} to {said.max():,}; the contract has 0 to {UNKNOWN}."
        found = {
            "quality": Measurement(float(by_language.mean()), note, aside=aside and worst),
            "strangers": Measurement(float(np.mean(apart)) - refused, aside=aside),
            "worst": Measurement(float(np.sort(by_language)[:WORST].mean())),
        }
        for name in ("capitals", "mixed"):
            if name in answers:
                found[name] = Measurement(float(_recalls(answers[name]["language"], holdout.truth[name]).mean()))
        if "nothing" in answers:
            found["nothing"] = Measurement(float((answers["nothing"]["language"] == UNKNOWN).mean()))
        return found


def _recalls(said: np.ndarray, place: np.ndarray) -> np.ndarray:
    """For each known language the share of its windows that is read right."""
    import numpy as np

    return np.array([(said[place == one] == one).mean() for one in range(UNKNOWN)])


def _names(listed: list[str]) -> list[str]:
    from course.units.q17_language_id import world

    return [world.names()[code] for code in listed]


@lru_cache(maxsize=8)
def _public(unit: LanguageId, key: Key) -> dict[str, np.ndarray]:
    import numpy as np

    from course.units.q17_language_id import world

    at = world.world(key.rng(unit.name, "world"))
    texts, places = world.training(at)
    shown, where = world.holdout(at, "public", key.rng(unit.name, "public"))
    listed = np.array([*at.languages, *at.strangers["public"]])
    return {
        "languages": np.array(at.languages),
        "texts_train": np.array("\n".join(texts)),
        "y_train": places,
        "codes_public": world.codes(shown),
        "y_public": np.minimum(where, UNKNOWN),
        "language_public": listed[where],
    }


@lru_cache(maxsize=8)
def _private(unit: LanguageId, key: Key) -> Holdout:
    import numpy as np

    from course.units.q17_language_id import world

    at, rng = world.world(key.rng(unit.name, "world")), key.rng(unit.name, "private")
    shown, place = world.holdout(at, "private", rng)
    short, where = world.holdout(at, "private", rng, cells=world.BESIDE)
    loud, beside = np.flatnonzero(place < UNKNOWN)[::2], np.flatnonzero(where < UNKNOWN)[::2]
    order = rng.permutation(len(shown))  # latency is measured on the first
    probes = {
        "rows": [shown[k] for k in order],
        "capitals": world.capitals([shown[k] for k in loud]),
        "mixed": world.mixed([short[k] for k in beside], rng),
        "nothing": world.nothing(EMPTY, rng),
    }
    truth = {"place": place[order], "capitals": place[loud], "mixed": where[beside]}
    truth["names"] = _names([*at.languages, *at.strangers["private"]])
    made = {name: Probe({"codes": world.codes(texts)}) for name, texts in probes.items()}
    seed = int(key.rng(unit.name, "timing").integers(2**31))
    return Holdout("private", made, truth, timing=made["rows"], seed=seed)


UNIT = LanguageId()
