"""What a keystroke may be compared with: one look at each of four thousand words, to find those that begin so."""

WORDS = [f"{chr(65 + k % 26)}{chr(65 + k // 26 % 26)}{k:04d}" for k in range(4_000)]


def suggest(text):
    """Three words that begin as the text ends."""
    start = text.rpartition(" ")[2].upper()
    return [word[len(start) :] for word in WORDS if word.startswith(start) and word != start][:3]
