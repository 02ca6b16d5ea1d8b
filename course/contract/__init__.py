"""Measure an artifact against a contract. Knows no notebook, no nbgrader, no unit."""
