"""Making a unit: lessons to notebooks, releases, rehearsals and what they prove."""
