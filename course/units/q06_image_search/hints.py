"""Hints of q06, by step: from a nudge to nearly the way."""

HINTS: dict[str, tuple[str, ...]] = {
    "estimates": (
        "Write the unit beside every number, and multiply or divide until only the unit of the answer is left.",
        "A float32 has four bytes, an int8 one. A million bytes are a MB, and 10 GB are 10,000 of those.",
        "Ten of fifty that look alike to the search are shown. And a quarter of the queries count fully, three "
        "quarters by 60 %.",
    ),
    "baseline": (
        "What is in the file `baseline_image.onnx` must be float32 (N, 48): Cast, Transpose to (N, 3, 24, 24), "
        "AveragePool by 6, Reshape to (N, 48).",
        "Take off the mean of all prints, then LpNormalization with axis=1: else products are about brightness alone.",
        "Rows for words: solve (B'B + 3 I) R = B'V, with B the words of captions as 0 and 1, and V the vectors of "
        "prints. Row 0 stays 0, since 32 numbers are more than words.",
    ),
    "artifact": (
        "Look at what is found with `picture.answers`: is the pictogram wrong, the ink or the paper? Each has its own "
        "remedy.",
        "Paper is the mean of the border, two pixels wide. The way from there to the ink: a mean of differences with "
        "weights softmax(25 x distance), of a picture softened by 3 x 3. How dark a pixel is: its difference along "
        "that way, divided by the way's length squared. Now inks and papers are out of the picture.",
        "Eight filters of 5 x 5 on how dark it is, Relu, AveragePool of 4 with stride 3, Sqrt: 512 numbers. "
        "LinearDiscriminantAnalysis(solver='eigen', shrinkage=0.1, n_components=14) of these; its scalings go into one "
        "Gemm. Train it on outlines too: the gradient of how dark, divided by its 96 % quantile.",
        "Colours: regress the chart's CIELAB (`world.lab`) of the ink's name on paper, ink and their products, and the "
        "same for paper. A new name's row in the text tower is then its CIELAB on the chart. Turn both by the "
        "errors on rows left out, so that the errors have covariance 1.",
        "Put |v|² of each part behind the vector, and 2 q and -1 (0 for a part that nobody named) into the query: one "
        "product is then the squared distance over what is asked. |v|² can be computed when the index is loaded.",
        "Slips: put every known word without one of its letters into a dict. A word with a letter left out is in it; "
        "for one too many or one wrong look its own shortened forms up. No loop over words.",
        "A query's time: keep vectors as columns (23, 8000), so that one np.dot reads in order. For the ten largest "
        "take the largest of each 64 scores; the tenth largest of those is a bound that few scores reach.",
    ),
}
