"""The learner's side: the unit as seen from a notebook."""
