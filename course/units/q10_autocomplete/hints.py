"""Hints of q10, by step, from a nudge to nearly the way."""

HINTS = {
    "estimates": (
        "For the table: count the bytes of one row first, then rows, then 10⁶ bytes to the megabyte.",
        "For the seconds: how many keystrokes are left when half are saved, and what does each of them cost on a "
        "keyboard with suggestions and on one without?",
        "The chance that none of 40 keystrokes is among the slowest hundredth is 0.99 to the power of 40. For "
        "the fourth the question is the other way round: for which n is 0.99 to the power of n just 0.01?",
        "Uses a week: stations, times reports of each, times the share with the word. How many weeks until there "
        "have been three?",
    ),
    "baseline": (
        "Only the last, unfinished word matters: `text.rpartition(' ')[2]`.",
        "Count the words of all messages with a `collections.Counter`; keep those that three stations or more "
        "wrote, commonest first.",
        "`[word[len(start):] for word in WORDS if word.startswith(start) and word != start][:3]`, with `start` "
        "in capitals.",
    ),
    "artifact": (
        "What does the word before say about the next one? Count pairs: `counts[before][word]`. And what if the "
        "pair is new?",
        "Back off (Katz, 1987): first what followed these two words, then what followed the last one, then what "
        "is common; within each only what begins as typed. Or mix their shares, each weighted by how much is "
        "known about that context.",
        "Privacy is a question about *people*, not about counts: keep the set of stations of each word, and of "
        "each pair and triple, while you count; drop what has fewer than three before anything is saved.",
        "Blocked is a question about what stands there *after* the tap: look at the word that `text + "
        "suggestion` makes, in capitals, after each character that is no letter. Dropped while building, it "
        "costs nothing while typing.",
        "The tail: a keystroke that looks at all words and sorts what it finds is too slow. Words that share a "
        "beginning lie side by side in a sorted list (`bisect`), and the best few for each beginning can be worked out "
        "when the module is loaded.",
        "Two words for one tap: when the best word is nearly sure to be followed by one other, suggest both; "
        "give the first of the three places to it, and keep the single word in the second.",
        "JSON through `zlib` takes a quarter of the bytes; words as numbers in lists take less in memory than as "
        "keys of dicts.",
    ),
}
