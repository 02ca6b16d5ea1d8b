"""Running it: a student's cells in one sandbox, test cells in another, under nbgrader's autograde."""
