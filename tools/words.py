"""Make course/learning/interview/words.txt: vectors of word pieces, cut down from those of wordllama (MIT licence).

    pip download --no-deps wordllama==0.4.0.post1, unpack the wheel, then: python tools/words.py FOLDER

Of 256 numbers of each piece the first 128 are kept (they were trained to be cut), in a byte each; of 32,000 pieces
those of small Latin letters and digits. A line is a piece ("_" begins a word) and its bytes in base 64.
"""

from __future__ import annotations

import base64
import json
import re
import struct
import sys
from pathlib import Path

import numpy as np

DIMENSIONS = 128
TARGET = Path(__file__).parents[1] / "course" / "learning" / "interview" / "words.txt"


def main(folder: Path) -> None:
    """Read the weights and the vocabulary in `folder`, write the table."""
    content = next(folder.rglob("*.safetensors")).read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    (head,) = (part for name, part in json.loads(content[8 : 8 + size]).items() if name != "__metadata__")
    start, end = head["data_offsets"]
    table = np.frombuffer(content[8 + size + start : 8 + size + end], np.float16).reshape(head["shape"])
    table = table[:, :DIMENSIONS].astype(np.float32)
    known = json.loads(next(folder.rglob("*tokenizer_config.json")).read_text(encoding="utf-8"))["model"]["vocab"]
    wanted = {piece: at for piece, at in known.items() if re.fullmatch("▁?[a-z0-9]+", piece)}
    step = np.percentile(np.abs(table[list(wanted.values())]), 99.9) / 127
    lines = []
    for piece, at in sorted(wanted.items()):
        numbers = np.clip(np.round(table[at] / step), -127, 127).astype(np.int8)
        lines.append(f"{piece.replace('▁', '_')} {base64.b64encode(numbers.tobytes()).decode()}")
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
