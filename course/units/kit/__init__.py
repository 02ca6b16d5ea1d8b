"""What units share, said once: standard terms, standard judges, worlds drawn from the key. Knows no unit."""
