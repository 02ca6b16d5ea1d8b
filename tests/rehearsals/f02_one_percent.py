"""f02 rehearsed: what must pass, what must fail, and where.

Functions here are cells: only their bodies are used. Those of `write-policy` are modules, so each stands alone.
"""

from __future__ import annotations

from course.grading.authoring.rehearse import Rehearsal


def imaginary_rows(history, world, np):
    """How many imaginary rows, answered as a recipe's candidates usually do, make past shown gains come true best?"""
    import json

    past = {recipe: [] for recipe in world.RECIPES}
    for decision in history:
        now = [c["recipe"] for c in decision.candidates].index("current")
        tested = [float(c["right"].mean()) for c in decision.candidates]
        for i, c in enumerate(decision.candidates):
            if i != now:
                true = decision.accuracy[i] - decision.accuracy[now]
                past[c["recipe"]].append((len(c["right"]), tested[i] - tested[now], true))
    learned = {}
    for recipe, rows in past.items():
        n, shown, true = np.array(rows).T
        usual, tries = true.mean(), np.geomspace(10, 20_000, 80)
        wrong = [np.mean(((n * shown + many * usual) / (n + many) - true) ** 2) for many in tries]
        learned[recipe] = [float(tries[np.argmin(wrong)]), float(usual)]
    with open("gains.json", "w") as file:
        json.dump(learned, file)


def adds_rows():
    """Face value, on a test set to which imaginary rows were added."""
    import json

    with open("gains.json") as file:
        EXTRA = json.load(file)

    def choose(candidates, shop):
        current = next(int(c["right"].sum()) for c in candidates if c["recipe"] == "current")
        best, most = "", -float("inf")
        for c in candidates:
            extra, usual = EXTRA.get(c["recipe"], (0.0, 0.0))
            gain = (int(c["right"].sum()) - current + extra * usual) / (len(c["right"]) + extra)
            money = gain * (shop["right_eur"] - shop["wrong_eur"])
            money -= shop["sales_eur"] * shop["slowdown"] * c["latency_ms"] / 100
            money = shop["searches"] * money - c["replicas"] * c["replica_eur"] - c["upkeep_eur"]
            if money > most:
                best, most = c["name"], money
        return best


def best_accuracy():
    """The leaderboard's rule."""

    def choose(candidates, shop):
        return max(candidates, key=lambda c: c["right"].mean())["name"]


def cheapest():
    """The miser's rule."""

    def choose(candidates, shop):
        return min(candidates, key=lambda c: c["replicas"] * c["replica_eur"] + c["upkeep_eur"])["name"]


def good_enough():
    """A fixed threshold: the cheapest that is 95 % right."""

    def choose(candidates, shop):
        good = [c for c in candidates if c["right"].mean() >= 0.95]
        if not good:
            return max(candidates, key=lambda c: c["right"].mean())["name"]
        return min(good, key=lambda c: c["replicas"] * c["replica_eur"] + c["upkeep_eur"])["name"]


def face_value():
    """Right prices, and every test result is believed."""

    def choose(candidates, shop):
        def earned(c):
            answers = c["right"].mean() * (shop["right_eur"] - shop["wrong_eur"])
            waiting = shop["sales_eur"] * shop["slowdown"] * c["latency_ms"] / 100
            return shop["searches"] * (answers - waiting) - c["replicas"] * c["replica_eur"] - c["upkeep_eur"]

        return max(candidates, key=earned)["name"]


def unpaired_test():
    """Gains are cut by a standard error, as if the two models had been tested on different rows."""

    def choose(candidates, shop):
        now = next(c["right"].mean() for c in candidates if c["recipe"] == "current")

        def earned(c):
            shown, rows = c["right"].mean(), len(c["right"])
            cut = 0 if c["recipe"] == "current" else ((shown * (1 - shown) + now * (1 - now)) / rows) ** 0.5
            answers = (shown - cut) * (shop["right_eur"] - shop["wrong_eur"])
            waiting = shop["sales_eur"] * shop["slowdown"] * c["latency_ms"] / 100
            return shop["searches"] * (answers - waiting) - c["replicas"] * c["replica_eur"] - c["upkeep_eur"]

        return max(candidates, key=earned)["name"]


def paired_test():
    """The same, with the standard error of a difference on the same rows: better, and still no answer."""

    def choose(candidates, shop):
        current = next(c["right"] for c in candidates if c["recipe"] == "current")
        now, rows = current.mean(), len(current)

        def earned(c):
            gain = c["right"].mean() - now
            cut = (max((c["right"] != current).mean() - gain**2, 0) / rows) ** 0.5
            answers = (gain - cut) * (shop["right_eur"] - shop["wrong_eur"])
            waiting = shop["sales_eur"] * shop["slowdown"] * c["latency_ms"] / 100
            return shop["searches"] * (answers - waiting) - c["replicas"] * c["replica_eur"] - c["upkeep_eur"]

        return max(candidates, key=earned)["name"]


def forgets_latency(profit, expected_gains):
    """The reference without what waiting costs."""

    def profit(candidate, gain, shop):
        answers = gain * (shop["right_eur"] - shop["wrong_eur"])
        serving = candidate["replicas"] * candidate["replica_eur"] + candidate["upkeep_eur"]
        return shop["searches"] * answers - serving


def forgets_traffic(expected_gains):
    """The reference with a price for a point that is the same in all shops."""

    def profit(candidate, gain, shop):
        answers = gain * (shop["right_eur"] - shop["wrong_eur"])
        waiting = shop["sales_eur"] * shop["slowdown"] * candidate["latency_ms"] / 100
        serving = candidate["replicas"] * candidate["replica_eur"] + candidate["upkeep_eur"]
        return 400_000 * (answers - waiting) - serving


def one_slope(history, np):
    """How much of a shown gain comes true, whatever the recipe and the size of the test: one regression line."""
    import json

    past = []
    for decision in history:
        now = [c["recipe"] for c in decision.candidates].index("current")
        tested = [float(c["right"].mean()) for c in decision.candidates]
        past += [
            (tested[i] - tested[now], decision.accuracy[i] - decision.accuracy[now])
            for i in range(len(tested))
            if i != now
        ]
    with open("gains.json", "w") as file:
        json.dump(np.polyfit(*np.array(past).T, 1).tolist(), file)


def follows_slope():
    """Gains as the regression line has them."""
    import json

    with open("gains.json") as file:
        SLOPE, START = json.load(file)

    def choose(candidates, shop):
        now = next(c["right"].mean() for c in candidates if c["recipe"] == "current")

        def earned(c):
            gain = 0.0 if c["recipe"] == "current" else START + SLOPE * (c["right"].mean() - now)
            answers = gain * (shop["right_eur"] - shop["wrong_eur"])
            waiting = shop["sales_eur"] * shop["slowdown"] * c["latency_ms"] / 100
            return shop["searches"] * (answers - waiting) - c["replicas"] * c["replica_eur"] - c["upkeep_eur"]

        return max(candidates, key=earned)["name"]


def resamples(GAINS, np):
    """The right rule, but the noise is looked for with 200 resamples of the rows."""

    def expected_gains(candidates):
        right = np.array([candidate["right"] for candidate in candidates], dtype=np.float32)
        current = right[[candidate["recipe"] for candidate in candidates].index("current")]
        differences = right - current
        rows, rng = len(current), np.random.default_rng(0)
        drawn = rng.multinomial(rows, np.full(rows, 1 / rows), size=200)
        noise = (differences @ drawn.T / rows).var(axis=1) + 1 / rows**2
        mean, variance = np.array([GAINS.get(candidate["recipe"], (0.0, 0.0)) for candidate in candidates]).T
        return mean + variance / (variance + noise) * (differences.mean(axis=1) - mean)


def ships_the_past(history):
    """Every past gain goes into the file, to be averaged when the module is loaded."""
    import json

    gains = {}
    for decision in history:
        recipes = [candidate["recipe"] for candidate in decision.candidates]
        for recipe, accuracy in zip(recipes, decision.accuracy, strict=True):
            if recipe != "current":
                gains.setdefault(recipe, []).append(float(accuracy - decision.accuracy[recipes.index("current")]))
    with open("gains.json", "w") as file:
        json.dump(gains, file)


def reads_the_past(GAINS, np):
    """The reference, with constants worked out from what was shipped."""
    GAINS = {recipe: (float(np.mean(gains)), float(np.var(gains))) for recipe, gains in GAINS.items()}


def sorts_in_place(choose):
    """The reference, after the caller's list was put into order."""
    choose_well = choose

    def choose(candidates, shop):
        candidates.sort(key=lambda candidate: candidate["name"])
        return choose_well(candidates, shop)


def numbers(choose):
    """The right candidate by its number instead of its name."""
    choose_well = choose

    def choose(candidates, shop):
        return [candidate["name"] for candidate in candidates].index(choose_well(candidates, shop))


#: What a rule without sense for noise loses; the small shops may or may not.
NOISE = {"quality": (0, 0), "tiny_tests": (0, 0), "many_candidates": (0, 0)}
EVERYWHERE = {**NOISE, "rich_tests": (0, 0)}

REHEARSALS = (
    Rehearsal("reference", "the worked solution: gains shrunk by recipe and by paired noise", sample="reference"),
    Rehearsal(
        "imaginary-rows",
        "an honest different solution: so many imaginary rows are added to a test as made past gains come true",
        replaced={"learn-gains": imaginary_rows, "write-policy": adds_rows},
        sample="alternative",
    ),
    Rehearsal(
        "best-accuracy",
        "a trap: the leaderboard's rule",
        replaced={"write-policy": best_accuracy},
        loses={**EVERYWHERE, "small_shops": (0, 0)},
        sample="trap",
    ),
    Rehearsal(
        "cheapest",
        "a trap: accuracy never pays",
        replaced={"write-policy": cheapest},
        loses={**EVERYWHERE, "small_shops": (0, 2), "tiny_tests": (0, 3)},
    ),
    Rehearsal(
        "good-enough",
        "a trap: the cheapest above 95 %",
        replaced={"write-policy": good_enough},
        loses={**EVERYWHERE, "small_shops": (0, 0)},
    ),
    Rehearsal(
        "face-value",
        "a trap: right prices, and the test set is believed",
        replaced={"write-policy": face_value},
        loses=NOISE,
    ),
    Rehearsal(
        "unpaired-test",
        "a trap: caution as if each model had rows of its own",
        replaced={"write-policy": unpaired_test},
        loses={**EVERYWHERE, "small_shops": (0, 0)},
    ),
    Rehearsal(
        "paired-test",
        "caution with the right standard error, and no idea of what gains are usual",
        replaced={"write-policy": paired_test},
        loses={
            "quality": (0, 27),
            "small_shops": (0, 2),
            "tiny_tests": (0, 3),
            "rich_tests": (0, 3),
            "many_candidates": (0, 2),
        },
    ),
    Rehearsal(
        "forgets-latency",
        "a trap: shrinks well, and waiting costs nothing",
        added={"write-policy": forgets_latency},
        loses={"quality": (0, 12), "tiny_tests": (0, 3), "rich_tests": (0, 0), "many_candidates": (0, 0)},
    ),
    Rehearsal(
        "forgets-traffic",
        "a trap: shrinks well, and a point is worth the same in every shop",
        added={"write-policy": forgets_traffic},
        loses={
            "quality": (0, 30),
            "small_shops": (0, 0),
            "rich_tests": (0, 3),
            "many_candidates": (0, 2),
        },
    ),
    Rehearsal(
        "one-slope",
        "a trap: one line through the past, as if all recipes and all sizes of a test were alike",
        replaced={"learn-gains": one_slope, "write-policy": follows_slope},
        loses={
            "quality": (0, 30),
            "small_shops": (0, 2),
            "tiny_tests": (0, 3),
            "rich_tests": (0, 0),
            "many_candidates": (0, 2),
        },
    ),
    Rehearsal(
        "resamples",
        "a trap: the right rule with a bootstrap inside",
        added={"write-policy": resamples},
        loses={"throughput": (0, 0)},
    ),
    Rehearsal(
        "ships-the-past",
        "a trap: the right rule, and every past gain in the file",
        replaced={"learn-gains": ships_the_past},
        added={"write-policy": reads_the_past},
        loses={"size": (0, 0)},
    ),
    Rehearsal(
        "sorts-in-place",
        "a trap: the right rule, after the caller's list was sorted",
        added={"write-policy": sorts_in_place},
        loses={"untouched": (0, 0)},
    ),
    Rehearsal(
        "numbers",
        "a trap: a number instead of a name",
        added={"write-policy": numbers},
        loses={"interface": (0, 0), **EVERYWHERE, "small_shops": (0, 0)},
    ),
)
