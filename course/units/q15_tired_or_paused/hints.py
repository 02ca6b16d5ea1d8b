"""Hints by step, from a nudge to nearly the way."""

HINTS = {
    "estimates": (
        "Both questions are one division each; write the units beside the numbers first.",
        "A tenth of a core gives a tenth of a second of work in every second that passes.",
        "The mean of n independent readings scatters by one reading's scatter over the square root of n.",
    ),
    "baseline": (
        "The baseline looks at one reading of each parcel and at nothing else at all.",
        "Column 0 of the array holds the first reading of every parcel; compare it with 2.0.",
        "One line is enough: `return readings[:, 0] > 2.0`, and it returns an array of bools.",
    ),
    "artifact": (
        "Print the readings of some parcels that you got wrong, sorted, beside the true weight.",
        "Some readings are exactly zero. What does a mean make of them, and what does a median?",
        "Leave zeros out and average the others: `np.nanmean` of an array in which zeros are NaN.",
    ),
}
