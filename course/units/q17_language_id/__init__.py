"""q17: which language is this? Forty cells of braille, 64 languages, and the ones that nobody named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from course.contract.artifacts.gate import ModelSpec, Tensor
from course.contract.terms.estimates import Estimate
from course.contract.terms.holdout import Holdout, Probe
from course.contract.terms.report import Measurement
from course.units.base import ModelUnit
from course.units.kit import terms
from course.units.kit.worlds import Draw
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
        terms.estimates(5),
        terms.baseline(
            "Baseline's recall, mean of 64 languages", "% of windows", 0.55,
            "Letters alone get further than that: look at the rows of your table and their order.",
            band=0.01, scale=100,
        ),
        terms.interface(5),
        terms.share(
            "quality", "Recall, mean of 64 languages", "windows", 0.80, 18,
            "Look which languages are taken for which, and how many known windows are refused.",
            floor=0.68, band=0.005,
            definition="For each of the 64 languages, the share of its windows that get its number (*unknown* is "
            "wrong); the mean of the 64 shares.",
        ),
        terms.share(
            "strangers", "Strangers refused, less known ones refused", "windows", 0.60, 12,
            "The best of 64 is always best: ask how well it fits, compared with what is usual for that language.",
            floor=0.15, band=0.01,
            definition="The share of *unknown* among the windows of each language that isn't in the list, averaged "
            "over these languages, minus the share of *unknown* among all windows of known languages.",
        ),
        terms.latency(
            3.0, "Cost of one window",
            "Look rows up instead of multiplying by zeros, and make all n-grams with few operators.",
        ),
        terms.size(800_000, "Rows x languages x bytes: each of the three can be made smaller."),
        terms.memory(3.2, "Memory follows from the table and from the largest result between two operators."),
        terms.operators(150),
        terms.share(
            "worst", "Recall, mean of the six worst languages", "windows", 0.45, 4,
            "Neighbours are taken for each other: what do you know that tells them apart, and did the table keep it?",
            floor=0.15, band=0.02, hidden=True,
            definition="The mean of the six lowest of the 64 recalls that *quality* averages.",
        ),
        terms.share(
            "capitals", "Recall in capitals", "windows", 0.78, 2,
            "The same words in capitals are the same words, also beyond A to Z.",
            floor=0.40, band=0.01, hidden=True,
            definition="What *quality* measures, of windows in capitals.",
        ),
        terms.share(
            "mixed", "Recall beside what is in no language", "windows", 0.74, 2,
            "The brief names what stands beside the words. Has your model ever seen any of it?",
            floor=0.60, band=0.01, hidden=True,
            definition="What *quality* measures, of windows with up to 26 characters of text, beside which stands what "
            "is in no language.",
        ),
        terms.share(
            "nothing", "Unknown where there are no letters", "windows", 0.99, 2,
            "Where there is nothing to read, no language is right: an empty window and signs of any kind.",
            floor=0.50, band=0.01, hidden=True,
            definition="Of windows without a letter, the share that is answered with *unknown*.",
        ),
    )  # fmt: skip
    example = (
        'The Spanish "Contraseña" is a row of `codes` int32 [N, 40]: 67, 111, 110, 116, 114, 97, 115, 101, 241, 97 and '
        "thirty zeros. Right is `language` int64 = the place of 'es' in unit.data[\"languages\"]. If one language has "
        "two windows, one of them right, and another has one that is right, the mean recall is (50 % + 100 %) / 2 = 75 "
        "%. If all windows of one stranger and half of another's are *unknown*, and one of those three known windows, "
        "strangers are refused by 75 % - 33.3 % = 41.7 %."
    )

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """What a learner sees.

        `languages` (64,) codes in the order of the answers; `texts_train`, whole strings joined by line ends, and
        `y_train` (n,) int64; `codes_public` (n, 40) int32 with `y_public` (n,) int64 and `language_public` (n,) codes.
        """
        import numpy as np

        from course.units.q17_language_id import world

        at = world.world(draw("world"))
        texts, places = world.training(at)
        shown, where = world.holdout(at, "public", draw("public"))
        listed = np.array([*at.languages, *at.strangers["public"]])
        return {
            "languages": np.array(at.languages),
            "texts_train": np.array("\n".join(texts)),
            "y_train": places,
            "codes_public": world.codes(shown),
            "y_public": np.minimum(where, UNKNOWN),
            "language_public": listed[where],
        }

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Windows of other messages, and of eight languages that are not in the training rows."""
        import numpy as np

        probe = Probe({"codes": data["codes_public"]})
        listed = data["languages"].tolist()
        listed += sorted(set(data["language_public"].tolist()) - set(listed))
        truth = {"place": np.array([listed.index(one) for one in data["language_public"].tolist()])}
        return Holdout("public", {"rows": probe}, {**truth, "names": _names(listed)}, timing=probe)

    def hidden(self, draw: Draw) -> Holdout:
        """Windows of other messages again, and eight other strangers; capitals, company and nothing to read."""
        import numpy as np

        from course.units.q17_language_id import world

        at, rng = world.world(draw("world")), draw("private")
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
        return Holdout("private", made, truth, timing=made["rows"], seed=draw.seed())

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


UNIT = LanguageId()
