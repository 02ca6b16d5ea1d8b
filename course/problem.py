"""The one exception that a person is meant to read."""


class Problem(Exception):
    """Something a person can put right. The message is one sentence that says what to do; no traceback is shown."""

    status = 2  # the exit status of a command that it ends

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows instead of a traceback."""
        return [str(self)]
