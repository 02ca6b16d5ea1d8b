"""q06: image search. Pictograms in one ink on one paper, and words that name them: two towers, one space, an index."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from course.contract.artifacts import models, modules
from course.contract.artifacts.modules import ModuleSpec, Ship, clauses, read
from course.contract.terms.holdout import Holdout
from course.contract.terms.report import Measurement
from course.units.base import ModuleUnit
from course.units.kit import contract, judges, replay
from course.units.kit.replay import Replay
from course.units.kit.worlds import Draw
from course.units.q06_image_search.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

    from course.units.q06_image_search.world import Workshop

#: What the baseline's towers are called before their names.
PLAIN = "baseline_"
#: Queries of an exchange that is timed.
EACH = 8


class ImageSearch(ModuleUnit):
    """Two towers and a search module, judged by what is found, bytes of a print and cost of a query."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    module = ModuleSpec(
        "search.py",
        {
            "encode": "encode(texts) -> words",
            "index": "index(vectors) -> bytes",
            "Search": "Search(index), with find(vectors) -> places",
        },
        beside=("image.onnx", "text.onnx", "search.npz"),
        beside_bytes=40_000_000,  # whoever keeps every picture is measured, and loses
        seconds=30.0,
    )
    also = ("baseline.py", "baseline_image.onnx", "baseline_text.onnx")
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = HINTS

    @property
    def handed_in(self) -> dict[str, str]:
        """Every file that is handed in, the notebook first, with what it is."""
        tower = "run for you on every {} and measured"
        return super().handed_in | {
            "image.onnx": tower.format("print"),
            "text.onnx": tower.format("query"),
            "baseline_image.onnx": "the plain start's image tower",
            "baseline_text.onnx": "the plain start's text tower",
        }

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """What a learner sees.

        `pixels` uint8 (4000, 24, 24, 3) and `texts`, their captions joined by line ends; `icons` (80,) and `inks`
        (120,), the names in captions; `chart` (240,) names and `rgb` uint8 (240, 3); `lines` (200, 24, 24, 3), line
        prints without captions; `gallery` uint8 (8000, 24, 24, 3), and queries with the place of the print that is
        meant: `seen_texts`, `seen_fits`, `new_texts`, `new_fits`.
        """
        import numpy as np

        from course.units.q06_image_search import world

        at, rng = _workshop(draw), draw("train")
        given = world.prints(at, world.TRAIN, np.arange(world.SEEN), rng)
        specimens = world.prints(at, world.SPECIMENS, np.arange(world.SEEN), rng, lines=1.0)
        rng, new = draw("public"), np.arange(world.SEEN, world.SEEN + world.NEW)
        shelf = world.prints(at, world.GALLERY, np.r_[: world.SEEN, new], rng)
        order = np.argsort(np.array(at.chart))  # by its place a name would say whether it is new
        made = {
            "pixels": given.pixels,
            "texts": np.array("\n".join(world.captions(at, given, rng))),
            "icons": np.array(at.icons),
            "inks": np.array(at.chart[: world.SEEN]),
            "chart": np.array(at.chart)[order],
            "rgb": np.rint(255 * at.rgb[order]).astype(np.uint8),
            "lines": specimens.pixels,
            "gallery": shelf.pixels,
        }
        for kind in ("seen", "new"):
            made |= world.packed(kind, world.queries(at, shelf, kind, world.PUBLIC // 2, rng))
        return made

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Eight thousand other prints, a third of whose colours no caption names, and what is typed to find some."""
        from course.units.q06_image_search import world

        asked = {kind: world.unpacked(kind, data) for kind in ("seen", "new")}
        return Holdout("public", truth={"gallery": data["gallery"], "queries": asked})

    def hidden(self, draw: Draw) -> Holdout:
        """Eight thousand others again, with other new colours; line prints among them, slips, and half a request."""
        import numpy as np

        from course.units.q06_image_search import world

        at, rng = _workshop(draw), draw("private")
        inks = np.r_[: world.SEEN, world.CHART - world.NEW : world.CHART]
        shelf = world.prints(at, world.GALLERY, inks, rng, lines=1 / world.LINES)
        counts = {
            "seen": world.HIDDEN // 2,
            "new": world.HIDDEN // 2,
            "lines": world.LINED,
            "typos": world.TYPOS,
            "partial": world.PARTIAL,
        }
        asked = {kind: world.queries(at, shelf, kind, count, rng) for kind, count in counts.items()}
        return Holdout("private", truth={"gallery": shelf.pixels, "queries": asked}, seed=draw.seed())

    def examine(
        self, folder: Path, holdout: Holdout, wanted: Collection[str], tell: Callable[[str], None]
    ) -> dict[str, Measurement]:
        """What is found; the baseline has towers of its own."""
        found = {}
        if "baseline" in wanted:
            tell("running the baseline")
            found["baseline"] = self._baseline(folder, holdout)
        return found | super().examine(folder, holdout, [name for name in wanted if name != "baseline"], tell)

    def _baseline(self, folder: Path, holdout: Holdout) -> Measurement:
        from course.units.q06_image_search import judge

        spec = replace(self.module, beside=(PLAIN + "image.onnx", PLAIN + "text.onnx"))
        try:
            ship = read(folder, spec, modules.BASELINE)
        except FileNotFoundError:
            return Measurement(None, f"There is no code in {modules.BASELINE} yet: write it, and run the cell.")
        except Exception as refusal:
            return Measurement(None, str(refusal), "broken")
        try:
            return Measurement(judge.recall(judge.searched(ship, holdout, PLAIN), holdout, "seen"))
        except Exception as error:
            return modules.broken(error, ship)

    @clauses("quality", "new", "index", "lines", "typos", "partial")
    def find(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Every query of the hold-out; by kind how much of what fits is found, and how large the index is."""
        from course.units.q06_image_search import judge

        some = judge.searched(ship, holdout)
        recalls = {kind: judge.recall(some, holdout, kind) for kind in some.places}
        measured = {"quality" if kind == "seen" else kind: Measurement(value) for kind, value in recalls.items()}
        return measured | {"index": Measurement(len(some.index) / len(some.vectors))}

    @clauses("interface")
    def serve(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Six promises of the contract."""
        from course.units.q06_image_search import promises

        return {"interface": judges.promises(ship, promises.PROMISES, *promises.kept(ship, holdout))}

    @clauses("towers")
    def stand(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Both towers by themselves."""
        import numpy as np

        from course.units.q06_image_search import judge

        words = np.concatenate(list(judge.searched(ship, holdout).words.values()))
        both = [
            models.interface(ship.model(spec), spec, inputs)
            for spec, inputs in (
                (judge.IMAGE, {"pixels": holdout.truth["gallery"][:200]}),
                (judge.TEXT, {"words": words}),
            )
        ]
        return {
            "towers": Measurement(sum(one.value or 0 for one in both), next((one.note for one in both if one.note), ""))
        }

    @clauses("latency")
    def look(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """A call of the image tower, with as many prints as when it is judged."""
        from course.units.q06_image_search.judge import IMAGE

        rows = {"pixels": holdout.truth["gallery"]}
        term = self.term("latency")
        return {"latency": models.latency(ship.model(IMAGE), rows, term, holdout.seed, batch=IMAGE.batch)}

    @clauses("throughput")
    def cost(self, ship: Ship, holdout: Holdout) -> dict[str, Measurement]:
        """Queries one by one, as they are typed, beside a search that looks at all there is."""
        from course.units.q06_image_search import judge

        some = judge.searched(ship, holdout)
        timed = judge.Timed(holdout, some, [kind for kind in some.places if kind != "lines"], EACH)
        plain = some.vectors.tobytes()
        beside = judges.yardstick(__file__)
        found = judges.cost(
            self.term("throughput"), ship.module, beside, judge.played, timed.fresh, holdout, what="for eight queries",
            start=lambda one: one.make("Search", plain if one.file == beside.file else some.index), check=timed.check,
        )  # fmt: skip
        timed.compare()
        return {"throughput": found}

    def replay(self, folder: Path, holdout: Holdout, case: int) -> Replay:
        """One query: what is found for it, and which print was meant."""
        from course.units.q06_image_search import judge

        texts = [(kind, k) for kind, some in holdout.truth["queries"].items() for k in range(len(some))]
        kind, at = replay.case(texts, case, "queries")
        asked, some = holdout.truth["queries"][kind], judge.searched(read(folder, self.module), holdout)
        rows = [(rank + 1, one, one in asked.fits[at]) for rank, one in enumerate(some.places[kind][at].tolist())]
        words = [one for one in some.words[kind][at].tolist() if one]
        said = f"Words as numbers: {words}. Meant: print {', '.join(map(str, asked.fits[at].tolist()))}."
        return Replay(f"“{asked.texts[at]}”, query {case}", ("rank", "print", "fits"), rows, said)


@lru_cache(maxsize=8)
def _workshop(draw: Draw) -> Workshop:
    from course.units.q06_image_search import world

    return world.workshop(draw("workshop"))


UNIT = ImageSearch()
