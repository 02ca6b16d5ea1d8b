#!/bin/sh
# Words in pairs, and counts on a logarithmic scale: converted, both are others.
#
# Version      skl2onnx 1.20.0 (scikit-learn 1.9.1, onnxruntime 1.32.0)
# Expected     "saw a cat" holds the pair "saw cat": words of one letter are dropped before pairs are made;
#              sublinear_tf counts 1 + log(tf)
# Behaviour    the word of one letter stands between them in the graph and there is no such pair; log(1 + tf)
# Seen         each sentence with such a word; for the counts every sentence
. "$(dirname "$0")/lib.sh"
packages $CONVERTING
"$python" - <<'PYTHON'
import numpy as np, onnx, onnxruntime, sys
from skl2onnx import to_onnx
from skl2onnx.common.data_types import StringTensorType
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

texts = ["i saw a cat", "the dog saw the dog", "the mat"]
given = np.array(texts, object)[:, None]


def differ(model):
    graph = to_onnx(model.fit(texts), initial_types=[("X", StringTensorType([None, 1]))], target_opset=17)
    for node in graph.graph.node:
        if node.op_type == "StringNormalizer":
            node.attribute.append(onnx.helper.make_attribute("locale", "C"))
    found = onnxruntime.InferenceSession(graph.SerializeToString()).run(None, {"X": given})[0]
    return (np.abs(found - model.transform(texts).toarray()) > 1e-4).any(axis=1).tolist()


seen = {
    "single words": differ(CountVectorizer()),
    "pairs": differ(CountVectorizer(ngram_range=(1, 2))),
    "sublinear": differ(TfidfVectorizer(sublinear_tf=True, norm=None)),
}
for name, rows in seen.items():
    print(f"{name}: differs for {[text for text, one in zip(texts, rows) if one]}")
sys.exit(seen != {"single words": [False] * 3, "pairs": [True, False, False], "sublinear": [True, True, True]})
PYTHON
