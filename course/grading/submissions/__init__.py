"""What was handed in: files set aside or read, a notebook rebuilt, parcels that a sandbox hands out."""
