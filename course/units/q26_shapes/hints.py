"""Hints of q26, by step: from a nudge to nearly the way."""

HINTS = {
    "estimates": (
        "Write the unit beside every number and multiply or divide until only the unit of the answer is left.",
        "A layer from a to b numbers has a x b weights and b thresholds. A filter of 5 x 5 costs 25 "
        "multiplications at every pixel. Two wrong answers in a row: a pair of neighbours, both wrong; n answers "
        "have n - 1 such pairs.",
        "A share p of n drawings has a standard deviation of sqrt(p (1 - p) / n); the interval is 1.96 of them to "
        "each side. For the luckless group: scipy.stats.binom.cdf(84, 100, 0.9) for one group; then 1 minus the "
        "probability that none of the twelve is so unlucky.",
    ),
    "baseline": (
        "LogisticRegression on the 1,024 pixels, between 0 and 1; it will not be good, and that is worth knowing.",
        "In the graph: one Gemm with the coefficients, transposed and divided by 255, and the intercepts; then ArgMax.",
        "g = Graph(PIXELS); scores = g.dense('pixels', [(plain.coef_.T / 255, plain.intercept_)]); "
        "g.save('baseline.onnx', shape=g.add('ArgMax', scores, axis=1, keepdims=0)).",
    ),
    "artifact": (
        "Lay a drawing on its side. What about it has not changed? Every weight of a net on pixels sees something "
        "else there, so it must learn each position of each shape by itself, from 1,200 drawings.",
        "Two ways lead there. Either ask questions whose answers do not depend on place and angle (the picture of "
        "edge directions shows one), or let filters look for short edges everywhere, pool them, and show a small "
        "net every drawing in many positions. Both need a fixed Conv first: five pixels wide is enough against the "
        "noise.",
        "First way: slopes (a, b) from a Conv with two derivatives of a bell. (a² - b², 2ab) / (a² + b²) is the "
        "cosine and sine of twice the edge's angle; multiplied with itself as a complex number it gives 4, 6 and 8 "
        "times the angle. Its mean over all pixels, weighted by the slope's strength, has a length that no turn of "
        "the paper changes. Second way: six oriented edge filters, Abs, MaxPool of 4 x 4, a hidden layer of 20; "
        "train it on ten turned copies of each drawing, half of them inverted.",
        "First way to the end: angles times 2, 4, 6, 8, each with weights r, r² and r³ (r is the slope's length): "
        "Reshape to [N, 8, pixels] and [N, 3, pixels], MatMul with the second transposed, Div by the sum of the "
        "weights, ReduceL2 over cosine and sine: 12 features. g.look computes them for training; an "
        "MLPClassifier((16,)) on them, scaled to mean 0 and spread 1, reaches the target. Put the scaling into its "
        "first weights, and g.dense and ArgMax behind the features.",
    ),
}
