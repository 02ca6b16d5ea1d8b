"""Hints of f05, by step, from a nudge to nearly the way."""

HINTS = {
    "estimates": (
        "The first is a product of three numbers; the second of four, one of which is what the hosted model gets "
        "wrong.",
        "A question pays where what it costs, the mistakes of the hosted model among it, is less than the mistake "
        "that it spares: write both sides down and solve for the chance.",
        "On top or not: one costs (1 - p) x €1.50, the other p x €9. At which p are they the same?",
        "Whatever the first 15 digits are, how many of ten last digits satisfy Luhn?",
    ),
    "baseline": (
        "A record needs all seven fields; four of them are the same for every letter, and three are the word `ask`.",
        "Different words of a letter: `set(re.findall('[a-z]+', text.lower()))`; `max` takes the first of a tie.",
        "`read` returns two things: the records, and `np.zeros((len(tickets), 2048), np.float32)`. Nothing says "
        "`router`, so `decide` may return anything; it must be there.",
    ),
    "artifact": (
        "Which of the seven questions does the brief answer in full? Those need neither letters to learn from nor "
        "20 cents. Write each as a function, and run it over all past letters before the next.",
        "Hiding: a regular expression finds what may be a number, a function decides. `pattern.sub(function, "
        "text)` does both. For a run of digits let the function look at the signs before and after it in "
        "`found.string`: a pattern that looks ahead settles for a shorter run.",
        "Times: turn UTC into local time, walk through the opening hours of one day after another until the "
        "minutes are used up, and turn back with what clocks show then, not with what they showed when the letter "
        "came.",
        "Copies: a dict with (customer, letters and digits of the own lines) as its key finds them without "
        "comparing each letter with each.",
        "Features: words and pairs of neighbours of lines that are not quoted, hashed with `zlib.crc32`; 1 for "
        "each that is there, and rows scaled to length 1. scikit-learn's `LogisticRegression` on a sparse matrix "
        "of that takes seconds.",
        "`decide`: for each letter work out what each answer costs if the chances are right, the question among "
        "them, and take the cheapest. A question costs €0.20 and 3 % of the mistake.",
        "If the dots of the picture lie above the line, the router is too shy and asks for what it knows: its "
        "penalty is too strong (`C` of the logistic regression is its inverse). Look at the bill for some values "
        "of `C`.",
        "Time: compile patterns once, read the tables once for each call of `read`, and remember the column of a word.",
    ),
}
