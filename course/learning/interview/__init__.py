"""The interviewer: one vague line, facts for those who ask, a design aloud, and a mirror of it all."""
