"""What planning a night costs at the least: a straight line through every curve, in logarithms, point by point.

It asks for one step of the configuration whose line ends lowest, so it is no solution.
"""

import math


def plan(lab):
    """One step of the configuration that a line puts lowest at the end of its training."""
    best, lowest = 0, math.inf
    for number, curve in enumerate(lab["curves"]):
        count = sx = sy = sxx = sxy = 0.0
        for step, error in enumerate(curve, 1):
            if error > 0:
                x, y = math.log(step), math.log(error)
                count, sx, sy, sxx, sxy = count + 1, sx + x, sy + y, sxx + x * x, sxy + x * y
        spread = count * sxx - sx * sx
        slope = (count * sxy - sx * sy) / spread if spread > 0 else 0.0
        end = (sy + slope * (count * math.log(lab["steps"]) - sx)) / count if count else math.inf
        if end < lowest:
            best, lowest = number, end
    return [[best, 1]]
