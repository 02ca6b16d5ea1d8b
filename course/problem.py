"""The one exception that a person is meant to read."""


class Problem(Exception):
    """Something a person can put right. The message is one sentence that says what to do; no traceback is shown."""

    status = 2  # the exit status of a command that it ends

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows instead of a traceback."""
        return [str(self)]


def readable(words: str, most: int = 700) -> str:
    """Words that may come from elsewhere, as one line of bounded length that does nothing to a terminal."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())[:most]
