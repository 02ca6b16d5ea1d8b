"""Hints of q03, by step: from a nudge to nearly the way."""

HINTS: dict[str, tuple[str, ...]] = {
    "estimates": (
        "Write the unit beside every number. A float32 has four bytes; an MB is 1,000,000 bytes here, a kB 1,000.",
        "Stores x orders x items x the share that is missing are requests a day; pickers work twelve hours, not 24.",
        "How many trips are right under each definition, in numbers? The share left is one divided by the other. "
        "A share p of n requests scatters by the root of p (1 - p) / n; an interval of 95 % reaches 1.96 of these.",
    ),
    "baseline": (
        "Four steps: the members of the kind [N, 40], what the shelf says of them, a score, the five best.",
        "`Gather` the row of `members` by the kind of the item. Places behind the last member hold -1: look 0 up "
        "there, and bar the place. `GatherElements` with axis=1 reads the shelf at these places; its indices are int32 "
        "or int64.",
        "`Where` puts -1e9 where an item can't be had. TopK has two outputs: `best, at = g.add('TopK', scores, "
        "np.array([5]), axis=1, outputs=2)`. `GatherElements(places, at, axis=1)` are the items; where `best` is below "
        "-1e8, the answer is -1.",
    ),
    "artifact": (
        "Look at a few lists first (`picture.lists`). Are the suggestions alike, of one maker, on offer? Then ask of "
        "your score what it knows of the pair, of the shelf, of the basket. Each of the three catches some.",
        "Pairs: households that buy both of a kind, on different trips, over what chance would give: "
        "log((both + 4) / (expected + 4)), where expected is the product of the sums of both rows over the sum of all, "
        "within the kind. The 4 keeps a pair that was seen twice from being sure. Beside it: same maker, both own "
        "brand, how far prices and sizes lie apart (which is all that is known of a new item).",
        "How much each part counts is a conditional logit on trips that you believe: usual item away, another taken, "
        "of those of the kind that were there. Such a trip is itself counted among the pairs, so a model would read "
        "its own answer there: count pairs without the households whose trips are fitted, in four turns.",
        "Basket: factor the matrix of households and items (of each kind its own mean taken off) into a few numbers an "
        "item. The sum over the basket, divided by its length plus three, times each candidate's numbers, are features "
        "like the others.",
        "Bytes: what depends on the missing item and the candidate alone is one number a pair, and a pair lies within "
        "a kind: int8 [1800, 40], -128 for places that nobody may choose. `Gather` the row, then `Cast`.",
    ),
}
