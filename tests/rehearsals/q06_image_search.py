"""q06-image-search: who passes, and who must not."""

from course.grading.authoring.rehearse import Rehearsal

# Bodies of these functions become cells: names that they use are those of the notebook.
# ruff: noqa: F841


def _vote():
    """Each reading that is none of the scale's drops has a vote."""

    def over(readings):
        return 2 * (readings > 2.0).sum(axis=1) > (readings != 0).sum(axis=1)


def _mean():
    def over(readings):
        return readings.mean(axis=1) > 2.0


def _loop():
    import statistics

    import numpy as np

    def over(readings):
        means = [statistics.mean([one for one in row if one] or [0.0]) for row in readings.tolist()]
        return np.array(means) > 2.0


def _table():
    import numpy as np

    TRIED = (
        "2.31 1.72 2.24 0.00 1.93 2.65 2.41 2.02 1.84 2.19 2.33 0.00 1.97 2.08 2.44 1.76 2.21 2.54 1.88 "
        "2.31 1.72 2.24 0.00 1.93 2.65 2.41 2.02 1.84 2.19 2.33 0.00 1.97 2.08 2.44 1.76 2.21 2.54 1.88 "
        "2.31 1.72 2.24 0.00 1.93 2.65 2.41 2.02 1.84 2.19 2.33 0.00 1.97 2.08 2.44 1.76 2.21 2.54 1.88 "
        "2.31 1.72 2.24 0.00 1.93 2.65 2.41 2.02 1.84 2.19 2.33 0.00 1.97 2.08 2.44 1.76 2.21 2.54 1.88 "
        "2.31 1.72 2.24 0.00 1.93 2.65 2.41 2.02 1.84 2.19 2.33 0.00 1.97 2.08 2.44 1.76 2.21 2.54 1.88 "
        "2.31 1.72 2.24 0.00 1.93 2.65 2.41 2.02 1.84 2.19 2.33 0.00 1.97 2.08 2.44 1.76 2.21 2.54 1.88 "
    )

    def over(readings):
        there = readings != 0
        return (readings * there).sum(axis=1) > 2.0 * np.maximum(there.sum(axis=1), 1)


def _in_place():
    import numpy as np

    def over(readings):
        there = readings != 0
        total = readings.sum(axis=1)
        readings *= 0
        return total > 2.0 * np.maximum(there.sum(axis=1), 1)


REHEARSALS = (
    Rehearsal("reference", "the mean without zeros", sample="reference"),
    Rehearsal("vote", "most of the readings that are not zero", {"write-scale": _vote}, sample="alternative"),
    Rehearsal(
        "plain-mean", "zeros count", {"write-scale": _mean}, loses={"quality": (0, 28), "stuck": (0, 5)}, sample="trap"
    ),
    Rehearsal("loop", "parcel by parcel", {"write-scale": _loop}, loses={"throughput": (0, 0)}),
    Rehearsal("table", "ships what it was tried on", {"write-scale": _table}, loses={"size": (0, 0)}),
    Rehearsal("in-place", "empties the caller's array", {"write-scale": _in_place}, loses={"interface": (4, 4)}),
)
