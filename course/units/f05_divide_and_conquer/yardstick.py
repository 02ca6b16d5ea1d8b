"""What reading letters costs at the least: their words are counted in columns, and nothing is found or hidden."""

import re
import zlib

import numpy as np

WORD = re.compile(r"\w+")


def read(tickets, tables):
    """Records that know nothing, and counts of words."""
    features = np.zeros((len(tickets), 2048), np.float32)
    for row, ticket in zip(features, tickets, strict=True):
        for word in WORD.findall(ticket["text"].lower()):
            row[zlib.crc32(word.encode()) % 2048] += 1
    return [{} for _ in tickets], features
