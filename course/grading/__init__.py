"""The instructor's side: lessons to notebooks, trusted execution under nbgrader, rehearsals and margins."""
