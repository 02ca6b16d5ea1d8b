"""What decisions are timed against: every test result at face value, and right rows counted one by one."""


def choose(candidates, shop):
    """The name of the candidate that would earn the most if its accuracy were what the test set shows."""
    best, most = "", float("-inf")
    for candidate in candidates:
        right = 0
        for row in candidate["right"]:
            if row:
                right += 1
        accuracy = right / len(candidate["right"])
        answers = accuracy * shop["right_eur"] + (1 - accuracy) * shop["wrong_eur"]
        sales = shop["sales_eur"] * (1 - shop["slowdown"] * candidate["latency_ms"] / 100)
        serving = candidate["replicas"] * candidate["replica_eur"] + candidate["upkeep_eur"]
        earned = shop["searches"] * (answers + sales) - serving
        if earned > most:
            best, most = candidate["name"], earned
    return best
