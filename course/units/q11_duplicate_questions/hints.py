"""Hints of q11, by step, from a nudge to nearly the way."""

HINTS = {
    "estimates": (
        "`index_megabytes`: 4 bytes a number, and a MB is 1,000,000 bytes. `parts_kilobytes`: a kB is 1,000 bytes.",
        "`wrongly_sent`: take six questions, one of them repeated. How many of the one are sent, how many of the "
        "five? The flags' own half and half plays no part any more.",
        "`some_match`: that none of 50,000 matches has the probability (1 - 1 / 100,000) to the power of 50,000.",
    ),
    "baseline": (
        "Words in small letters; for each word the stored questions that have it; how rare a word is, the "
        "logarithm of 50,000 over the number of those. Leave words out that more than 2,500 questions have.",
        "For a question: a dict from id to the sum of rarities, over the lists of its words. The five with most "
        'are the answer, or "new" if no word is known.',
        "`baseline.py` runs elsewhere and reads no file, so it must carry the store: "
        '`base64.b85encode(zlib.compress("\\n".join(stored).encode(), 9)).decode()` is text that you can put '
        "between quotes.",
    ),
    "artifact": (
        "Write down by hand what ten questions *say*, part by part: what is done, with what, where, how often, "
        "with which product, wanted or not. Two questions are the same if the parts are. So: which words make the "
        "same part?",
        "Right flags tell. Take both texts as sets of words; where exactly one word is left over on either side, "
        "the two mean the same (believe it from the second time on). Join them, and go through the flags again: "
        "now more pairs have only one left over.",
        "A word that is in no flag and in no stored question is where vectors come in: it stands for what its "
        "nearest known word stands for, if it is near (0.4 or so) and nothing else is nearly as near. You can "
        "work that out for all words beforehand, so that no vector needs to be shipped.",
        "A number belongs to what follows it (7 days), a version to the product before it: make one part of both. "
        "`from the phone` and `to the phone` are two different parts. *never*, *not* and *don't* are one part.",
        "Chat: take a text's sentences apart and keep the one that says most that is known for sure; what stands "
        "before the first comma counts only if it says something too. A sentence that thousands of stored "
        "questions share says nothing.",
        "For each part, the ids that have it, as uint16. The ids that have *all* parts of a question are found "
        "with one `np.bincount`; if they have no more parts than it, they are the same. If a word was misspelled, "
        "one part may be lacking: allow that only where a word is unknown.",
        "Slips: for a word that nobody knows, try it with two letters exchanged and with one of a double letter "
        "taken out, and look it up among known words with one letter taken out.",
    ),
}
