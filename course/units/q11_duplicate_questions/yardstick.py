"""What an answer may be compared with: one plain look-up, 500 ids for each word, and a count of them all."""

import numpy as np

STORED, EACH = 50_000, 500
IDS = (np.arange(STORED) * 7919 % STORED).astype(np.uint16)


def find(question):
    """The five ids that most of the first dozen words have."""
    starts = [sum(map(ord, word)) * 37 % (STORED - EACH) for word in question.lower().split()[:12]] or [0]
    counts = np.bincount(np.concatenate([IDS[start : start + EACH] for start in starts]), minlength=STORED)
    return np.argpartition(counts, -5)[-5:].tolist()
