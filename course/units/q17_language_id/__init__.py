"""q17: which language is this? Forty cells of braille, 64 languages, and the ones that nobody named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from course.contract.artifacts.gate import ModelSpec, Tensor
from course.contract.terms.holdout import Holdout, Probe
from course.contract.terms.report import Measurement
from course.units.base import ModelUnit
from course.units.kit import contract
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

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    model = ModelSpec(
        inputs={"codes": Tensor("int32", (None, 40))},
        outputs={"language": Tensor("int64", (None,))},
        most_bytes=40_000_000,  # whoever keeps every n-gram is measured, and loses
    )
    also = ("baseline.onnx",)

    hints = HINTS

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
