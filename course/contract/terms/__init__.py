"""What is promised and what was found: terms, reports, estimates, hold-outs. Plain data."""
