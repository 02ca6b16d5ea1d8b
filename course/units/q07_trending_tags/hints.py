"""Hints of q07, by step, from a nudge to nearly the way."""

HINTS = {
    "estimates": (
        "The table has a number of two bytes for each tag and each hour of a week.",
        "What is left of 64 KiB (65,536 bytes) after 20 KiB, divided by what one tag takes: 168 hours of a byte, "
        "and 12 bytes.",
        "A Bloom filter takes a new pair for a known one if all its four bits are set already. One bit is still 0 with "
        "probability exp(-4 x pairs / bits).",
        "A rare tag looks busy if it shares its place with one of 40 busy tags in *every* row: for one row that is "
        "1 - (1 - 1/width)^40; rows are independent of each other.",
    ),
    "baseline": (
        "Keep eight quarters: four of them are the last hour, four the hour before.",
        "`np.unique(np.stack([tags, accounts]), axis=1)` has every pair once; count the tags in its first row.",
        "A `collections.deque(maxlen=8)` of dicts, tag to accounts. In `top`, add four and four of them up, keep what "
        "has 40 now and four times as many as before, and sort. `state` may be `b''`, and `restore` return `cls()`.",
    ),
    "artifact": (
        "Two memories with two purposes: the last hour, which is anybody's, and the usual week, which few tags have. "
        "How many tags ever have 15 accounts within an hour?",
        "The last hour: four small count-min sketches (Cormode and Muthukrishnan, 2005), one a quarter, the oldest "
        "thrown away. A sketch can't say *which* tags it holds: while a batch is there, look up its tags, and keep the "
        "few dozen that are high.",
        "A tag that hardly anybody uses can lie beside busy ones in every row of a sketch, and looks busy then. For "
        "the same bytes, more rows that are narrower are better here than fewer that are wide.",
        "The usual week: 168 bytes for each of some 150 tags. A tag gets a place when it is busy for the first time; "
        "if all are taken, that of the tag which was not busy for longest. A tag without a place has never been busy: "
        "its usual is next to nothing. A byte that holds a root reaches further than one that holds a count.",
        "Accounts: a Bloom filter of (tag, account) pairs, emptied each full hour, says which pairs have been "
        "counted; four bits of 65,536 are enough. Leaving out repeats within a batch alone lets ten accounts in "
        "four batches look like forty.",
        "The last sixty minutes are part of one hour of the week and part of the next: mix what is usual in both. "
        "Between 20 and 40 accounts, and between two and four times the usual, neither answer is wrong: put your "
        "own limits in the middle. And learn an hour when its last list is made, or it is its own usual.",
    ),
}
