"""What a learner wrote in words, as it may be shown: whole, inert, and cut with a note where it is far too long."""

from __future__ import annotations

import base64
import re

from course.grading.submissions import pictures

#: Characters of one cell's words; a page has some 4,000.
MOST_WORDS = 200_000
#: Characters of a picture that was pasted into words, and pictures in one cell.
MOST_PICTURE, MOST_PICTURES = 2_000_000, 20
#: What becomes markup, a script or a missing picture when nbgrader's pages show words: it is made plain text there.
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_ENTITY = re.compile(r"&(?=#|\w+;)")
_SCHEME = re.compile(r"(script|attachment)(?=[\\\s]*:)", re.IGNORECASE)
_PICTURE = re.compile(r"data:([\w.+-]{1,30}/[\w.+-]{1,30});base64,([A-Za-z0-9+/=]{200,})")


def shown(text: str) -> str:
    """Words as they are shown: markdown is kept, small pictures are, and nothing that runs."""
    kept: list[str] = []

    def place(found: re.Match) -> str:
        if len(found[2]) <= MOST_PICTURE and len(kept) < MOST_PICTURES and found[1] in pictures.TYPES:
            try:
                content = base64.b64decode(found[2], validate=True)
            except ValueError:
                content = b""
            if pictures.fits(content):
                kept.append(f"data:{found[1]};base64,{base64.b64encode(content).decode()}")
                return f"\0{len(kept) - 1}\0"
        return f"picture-of-{len(found[2]):,}-characters-not-shown"

    plain = _PICTURE.sub(place, text.replace("\0", "�"))
    if len(plain) > MOST_WORDS:
        cut = len(plain) - MOST_WORDS
        plain = f"{plain[:MOST_WORDS]}\n\n*(Cut here: {cut:,} characters more are in the notebook that was handed in.)*"
    return re.sub("\0(\\d+)\0", lambda found: kept[int(found[1])], inert(plain))


def inert(text: str) -> str:
    """Markdown in which no tag, entity, script or attachment is left."""
    text = _TAG.sub("&lt;", _ENTITY.sub("&amp;", text))
    return _SCHEME.sub("\\1\u200b", text)  # an invisible space: no address begins like that
