"""Hints of f04, by step: from a nudge to nearly the way."""

HINTS = {
    "estimates": (
        "Write the unit beside every number: GPUs x days, steps x €, and see what cancels.",
        "Growth: how many times do 3.5 months fit into 63? Each time doubles.",
        "The chance: ask for the opposite. How likely is it that the first of the five is none of the best three, and "
        "then the second, and so on?",
        "The rounds: count new steps only. From 2 to 6 steps are 4, and each round pays for those that are left.",
    ),
    "baseline": (
        "`plan` is asked once an evening. On the first (`night` is 0) ask for everything that the bill covers; later "
        "for nothing.",
        "Go through `prices` in order and keep what is left: training to the end costs `steps` times the price.",
        "`plan` returns `[[0, 60], [1, 60], ...]`, and `pick` the number whose curve has the lowest last value: "
        "`min(trained, key=lambda k: curves[k][-1])`. Leave out empty curves.",
    ),
    "artifact": (
        "What is the cheapest thing that tells a hopeless configuration from others? And how sure does it make you?",
        "Successive halving: one step for all, then a few more for the better ones, and so on, until what is left is "
        "trained to the end. Count what each round costs, and let the bill say how many may stay.",
        "Cut gently. Tripling the steps from night to night needs five nights and throws away two of three each time; "
        "you have twelve. With factors of about 1.5 the same money buys second looks.",
        "Each night may spend what is left divided by the number of nights to come. Go through the configurations from "
        "the best down, and ask for those that the night's purse still covers.",
        "Slow starters: compare not where curves are but where they will be. A line through the curve in logarithms of "
        "step and error says that, and exaggerates: believe less than half of it, and try what share is best on past "
        "labs.",
        "To name one, compare means of the last few errors, among those that were trained longest. Leave out what ends "
        "in NaN everywhere (`x != x` is true for NaN alone; `sorted` and `min` go wrong with it).",
    ),
}
