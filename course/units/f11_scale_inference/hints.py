"""Hints of f11, by step, from a nudge to nearly the way."""

HINTS: dict[str, tuple[str, ...]] = {
    "estimates": (
        "A crop is new once for each bill, however many open it.",
        "Seconds of work that come in each second are workers that are busy: rate times seconds a crop.",
        "For the fourth: only new crops wait for a batch. How many come in a second, and how many must come "
        "after the first?",
        "For the last: put both shares into busy / (1 - busy) and divide; what a request takes cancels.",
    ),
    "baseline": (
        "`LogisticRegression` on pixels divided by 255; some sixty passes are enough, and its warning does no harm.",
        "`nets.write(model, 'small.onnx', scale=255)` saves it as the contract asks.",
        "`baseline.py` needs all three functions: nothing is escalated (`np.zeros(len(probabilities), bool)`), nothing "
        "is cached (`[None] * len(pixels)`), and a plan may have the same workers at all hours.",
    ),
    "artifact": (
        "First the models: what must the small one know? Not every digit, but when it doesn't know.",
        "A net of some 50 hidden units reads print; the large one gets handwriting from another view of the crop "
        "(`nets.edges`). Escalate where the largest probability is below a level, and look at accuracy and share for "
        "several levels: both bend.",
        "A key is right if different crops never share it, and useful if equal ones always do. Bytes of the crop, or a "
        "hash of *all* of them (`hashlib.blake2b(row.tobytes(), digest_size=16)`), do both; `hash()` is another in "
        "every process.",
        "Work a second is rate x share that is new x (small ms + share escalated x large ms) a crop, in batches of the "
        "size that you expect. Divide by how busy a worker may be, round up, at least 1: that for each hour.",
        "Waiting for company pays only where workers are short of time, and there batches fill by themselves: wait 0. "
        "What limits the large batch is that the next one waits until it is done: try 8.",
        "An answer in the cache is used within some ten seconds, since a table opens its bill at once: new crops a "
        "second x 30 entries are plenty.",
    ),
}
