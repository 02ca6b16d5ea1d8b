"""Where the handbook says more about a sentence of the gate."""

from __future__ import annotations

PAGE = "handbook/troubleshooting.md"
#: The heading (an anchor of the page), and words that only its sentences have.
SAID = {
    "gate-link": "is a link or a special file",
    "gate-too-large": "is opened here, so it was not measured",
    "gate-no-model": ("is no ONNX file", "it holds no graph"),
    "gate-functions": "defines functions of its own",
    "gate-too-many-operators": "are accepted",
    "gate-names": "has two operators called",
    "gate-versions": "export with one of these",
    "gate-operator": "which is not on the list",
    "gate-graph-inside": "an operator with a graph inside",
    "gate-locale": "has a StringNormalizer for the locale",
    "gate-another-file": "keeps weights in another file",
    "gate-interface": ("the contract asks for",),
    "gate-invalid": "is no valid ONNX model",
}


def whereto(sentence: str) -> str:
    """The page and its heading for a sentence of the gate; empty for any other sentence."""
    for anchor, words in SAID.items():
        if any(one in sentence for one in ((words,) if isinstance(words, str) else words)):
            return f"{PAGE}#{anchor}"
    return ""
