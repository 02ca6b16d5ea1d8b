"""Other people's code, run and talked to from outside: throw-away processes, and what may pass between."""
