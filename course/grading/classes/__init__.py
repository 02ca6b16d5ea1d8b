"""A class: gradebook, side by side, kept results, resumed runs."""
