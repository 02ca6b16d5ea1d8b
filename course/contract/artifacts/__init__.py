"""The two kinds of artifact, a model and a module: what a file must be, and what is measured of it."""
