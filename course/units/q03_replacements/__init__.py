"""q03: replacements. The shelf is empty: five other items, of which the household takes one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from course.contract.artifacts.gate import ModelSpec, Tensor
from course.contract.terms.holdout import Holdout, Probe
from course.contract.terms.report import Measurement
from course.units.base import ModelUnit
from course.units.kit import contract
from course.units.kit.worlds import Draw
from course.units.q03_replacements.hints import HINTS

if TYPE_CHECKING:
    import numpy as np

    from course.units.q03_replacements.world import Requests, World

#: Requests of the hold-outs; those with an odd question, of each sort.
PUBLIC, PRIVATE, ODD = 2_000, 2_500, 100


class Replacements(ModelUnit):
    """What is missing, the basket and the shelf in, five items out."""

    name, title, brief, example, estimates, terms = contract.beside(__file__)
    model = ModelSpec(
        inputs={
            "item": Tensor("int64", (None,)),
            "basket": Tensor("int64", (None, 16)),
            "shelf": Tensor("uint8", (None, 1800)),
        },
        outputs={"items": Tensor("int64", (None, 5))},
        most_bytes=40_000_000,  # whoever ships a table of all pairs is measured, and loses
    )
    also = ("baseline.onnx",)

    hints = HINTS

    def release(self, draw: Draw) -> dict[str, np.ndarray]:
        """What a learner sees.

        Of the items, (1800,) each: `kind` uint8 with the names `kinds` (80,), `maker`, `own` bool, `price` in dollars,
        `size` float32 (NaN where the catalogue says nothing). The log: see `world.log`. `shelf` uint8 (60, 44, 1800) by
        store, week and item: 0 not there, 1 there, 2 on offer. Public requests, (2000, ...) each: `item_public`,
        `basket_public`, `store_public`, `week_public`, `took_public`, and `best_public`, what the best lists catch.
        """
        import numpy as np

        from course.units.q03_replacements import judge, world

        at = _world(draw)
        asked = world.requests(at, draw("public"), "public", world.PUBLIC, PUBLIC)
        return {
            "kinds": np.array(at.names),
            "kind": at.kind.astype(np.uint8),
            "maker": at.maker.astype(np.int32),
            "own": at.own,
            "price": at.price.astype(np.float32),
            "size": at.size.astype(np.float32),
            **world.log(at, draw("log")),
            "shelf": at.shelf[:, : world.PUBLIC.stop],
            "item_public": asked.item,
            "basket_public": asked.basket,
            "store_public": asked.store,
            "week_public": asked.week,
            "took_public": asked.took,
            "best_public": np.array(judge.best(asked.chance)),
        }

    def public_holdout(self, data: Mapping[str, np.ndarray]) -> Holdout:
        """Requests of other households in the seven weeks after the log, with what they took."""
        import numpy as np

        from course.units.q03_replacements import world

        item = data["item_public"]
        shelf = data["shelf"][data["store_public"], data["week_public"]]
        shelf[np.arange(len(item)), item] = 0
        members = world.members(data["kind"])
        member = members[data["kind"][item]]
        took = (member == data["took_public"][:, None]).astype(float)
        usual = {"item": item, "basket": data["basket_public"], "shelf": shelf}
        probes, truth = _odd(usual, np.random.default_rng(3))
        truth |= {"rows": (member, took, float(data["best_public"]))}
        return Holdout("public", {"rows": Probe(usual), "odd": probes}, truth, timing=Probe(usual))

    def hidden(self, draw: Draw) -> Holdout:
        """Requests of other households again, in later weeks; late items, nearly empty shelves, odd questions."""
        from course.units.q03_replacements import judge, world

        at, rng = _world(draw), draw("private")
        asked = world.requests(at, rng, "private", world.PRIVATE, PRIVATE)
        late = world.new_ones(at, rng, asked)
        few = _inputs(asked) | {"shelf": world.nearly_empty(rng, asked)}
        odd, truth = _odd(_inputs(asked), rng)
        probes = {"rows": Probe(_inputs(asked)), "new": Probe(_inputs(late)), "few": Probe(few), "odd": odd}
        for name, some in (("rows", asked), ("new", late)):
            truth[name] = (some.member, some.chance, judge.best(some.chance))
        return Holdout("private", probes, truth, timing=probes["rows"], seed=draw.seed())

    def evaluate(self, answers: Mapping[str, Mapping[str, np.ndarray]], holdout: Holdout) -> dict[str, Measurement]:
        """What is caught, of what the best lists catch; and whether every single suggestion can be had."""
        import numpy as np

        from course.units.q03_replacements import judge

        found, good = {}, []
        for name in ("rows", "new"):
            if name not in answers:
                continue
            items, given = answers[name]["items"], holdout.probes[name].inputs
            member, chance, best = holdout.truth[name]
            good.append(judge.honest(items, given["item"], given["shelf"]))
            each = judge.caught(items, good[-1], member, chance)
            share, aside = float(each.mean()) / best, ""
            if holdout.name == "public":  # what they happened to take
                error = 200 * float(each.std()) / len(each) ** 0.5 / best
                aside = f"{each.mean():.1%} of {len(each):,} took one of the five; give or take {error:.1f} points"
            found["quality" if name == "rows" else name] = Measurement(share, aside=aside)
        wrong = sum(int((~some).sum()) for some in good)
        note = f"{wrong:,} suggestions can't be had, are said twice or are left out." if wrong else ""
        found["available"] = Measurement(float(np.concatenate(good).mean()), note)
        if "few" in answers:
            given = holdout.probes["few"].inputs
            right = judge.all_that_is_left(
                answers["few"]["items"], holdout.truth["rows"][0], given["item"], given["shelf"]
            )  # fmt: skip
            found["few"] = Measurement(float(right.mean()))
        if "odd" in answers:
            found["odd"] = _answered(answers["odd"]["items"], holdout)
        return found


@lru_cache(maxsize=8)
def _world(draw: Draw) -> World:
    from course.units.q03_replacements import world

    return world.world(draw("world"))


def _inputs(some: Requests) -> dict[str, np.ndarray]:
    return {"item": some.item, "basket": some.basket, "shelf": some.shelf}


def _odd(usual: Mapping[str, np.ndarray], rng: np.random.Generator) -> tuple[Probe, dict]:
    """Requests with an odd question, `ODD` rows of each sort: see `_answered`."""
    import numpy as np

    rows = rng.permutation(len(usual["item"]))[:ODD]
    sorts = [{name: values[rows].copy() for name, values in usual.items()} for _ in range(4)]
    nobody, strange, without, empty = sorts
    nobody["item"] = rng.choice([-1, 1800, -7, 65_536, 2**40, -(2**40)], ODD)
    known = strange["basket"]
    for basket in known:
        told = basket[basket >= 0][:12]
        basket[:] = -1
        basket[: len(told)] = told
    without["basket"] = known.copy()
    known[:, 12:] = rng.choice([1800, -7, 2_000_000_000, -(2**33)], (ODD, 4))
    strange["basket"] = rng.permuted(known, axis=1)
    empty["basket"][:] = -1
    probe = Probe({name: np.concatenate([sort[name] for sort in sorts]) for name in usual})
    return probe, {"odd": rows}


def _answered(items: np.ndarray, holdout: Holdout) -> Measurement:
    """No such item: five times -1; no such number in a basket: as if it were not there; an empty basket: as usual."""
    import numpy as np

    from course.units.q03_replacements import judge

    given = holdout.probes["odd"].inputs
    nobody, strange, without, empty = np.split(items, 4)
    missing, shelf = (np.split(given[name], 4)[3] for name in ("item", "shelf"))
    right = {
        "an item that does not exist": (nobody == -1).all(axis=1),
        "a basket with numbers that don't exist": (strange == without).all(axis=1)
        & judge.honest(strange, missing, shelf).all(axis=1),
        "an empty basket": judge.honest(empty, missing, shelf).all(axis=1),
    }
    broken = [name for name, some in right.items() if not some.all()]
    share = float(np.mean([some.mean() for some in right.values()]))
    return Measurement(share, f"Not answered as the contract says: {broken[0]}." if broken else "")


UNIT = Replacements()
