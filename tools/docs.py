"""What README and handbook don't say by hand: f01's picture, the units, what a learner waits for, what a class costs,
what converters do to a model, which findings there are, what probes and odd submissions met, what being killed left.

The figures are those that `course bench shrink --json`, `course bench learner --json`, `course bench class --json`,
`course bench parity --json`, `course bench interview --json` and `course bench processors --json` printed into the
files that are read here.
"""

from __future__ import annotations

import json
import re
import statistics
import textwrap
from pathlib import Path

from pages.order import ships

from course import units
from course.benchmarks import class_, firsthour, interview, killed, learner, odd, parity, processors
from course.contract.parity.cases import CASES
from course.contract.show.picture import picture
from course.contract.terms.report import Landmark, Measurement, Report, settle
from course.grading.probes import command

ROOT = Path(__file__).resolve().parents[1]
#: What the picture shows, and what it calls it: how it is done is the unit's question.
NAMES = {
    "logistic regression": "baseline",
    "the winner": "winning ensemble",
    "small net (desk rows)": "first attempt",
    "int8 (desk rows)": "second attempt",
    "distilled (desk rows)": "third attempt",
    "reference": "reference",
}


def draw() -> tuple[bytes, str]:
    """The PNG and its alt text."""
    unit = units.load("f01")
    file = ROOT / "course" / "units" / "f01_shrink_ensemble" / "measured.json"
    records = {record["name"]: record for record in json.loads(file.read_text(encoding="utf-8"))}
    marks = [Landmark(NAMES[n], records[n]["public"], records[n]["bytes"], records[n]["cost"]) for n in NAMES]
    asked = tuple(settle(unit.term(name), Measurement(None)) for name in ("quality", "size", "latency"))
    return picture(Report(unit.name, "public", asked), marks)


def table() -> str:
    """The units, in Markdown."""
    found = [units.load(name) for name in units.names()]
    rows = [f"| {unit.name} | *{unit.brief}* | {ships(unit)} |" for unit in found]
    return "\n".join(["| Unit | The question | You ship |", "| --- | --- | --- |", *rows])


def waits() -> str:
    """What a learner waits for, in a paragraph."""
    file = ROOT / "course" / "benchmarks" / "learner.json"
    middle = {name: statistics.median(times) for name, times in json.loads(file.read_text(encoding="utf-8")).items()}
    light = round(middle[learner.YARDSTICK] / middle["course --help"])
    beyond = middle[learner.CHECK] - middle[learner.ARTIFACT]
    return textwrap.fill(
        f"Nobody waits long (medians of `.venv/bin/course bench learner` on two cores): `import course` "
        f"{middle['import course']:.2f} s, `course --help` {middle['course --help']:.2f} s, {light} times less than "
        f"`import sklearn`; `course check f01` {beyond:.1f} s more than the {middle[learner.ARTIFACT]:.1f} s of the "
        f"artifact's own evaluation, and {middle[learner.AGAIN]:.1f} s in all where nothing has changed.",
        138,
    )


def grading(text: str) -> str:
    """handbook/class.md with what a class costs. Raises ValueError if it has lost the place for it."""
    file = ROOT / "course" / "benchmarks" / "class.json"
    return _placed(text, "class", class_.markdown(json.loads(file.read_text(encoding="utf-8"))))


def waiting(text: str) -> str:
    """handbook/firsthour.md with what was measured. Raises ValueError if it has lost the place for it."""
    text, places = re.subn(r"Nobody waits long(?:.+\n)+", lambda _: waits() + "\n", text)
    if places != 1:
        raise ValueError("handbook/firsthour.md lost the place of what a learner waits for")
    return _placed(text, "firsthour", firsthour.markdown(firsthour.record()))


def _placed(text: str, bench: str, made: str) -> str:
    text, places = re.subn(
        rf"(<!-- course bench {bench} -->\n).*(<!-- end -->)",
        lambda at: f"{at[1]}\n{made}\n{at[2]}",
        text,
        flags=re.DOTALL,
    )
    if places != 1:
        raise ValueError(f"a page of the handbook lost the place of what `course bench {bench}` measured")
    return text


def converters(text: str) -> str:
    """handbook/converters.md with the table of known cases and the measurements. Raises ValueError."""
    folder = ROOT / "course" / "benchmarks"
    found = json.loads((folder / "parity" / "measured.json").read_text(encoding="utf-8"))
    rows = [
        "| What | What happens | What to do instead | Rows that differ | Script |",
        "| --- | --- | --- | --- | --- |",
    ]
    for case in CASES:
        shares = [f"{one['share']:.1%}".replace("%", " %") for one in found if one["expected"] == case.name]
        script = f"[{case.finding}](../findings/{case.finding}.sh)" if case.finding else ""
        rows.append(f"| {case.what} | {case.happens} | {case.instead} | {', '.join(shares)} | {script} |")
    text = _between(text, "the table: course bench parity", "\n".join(rows))
    text = _between(text, "the cost: course bench parity", parity.summary(found))
    measured = json.loads((folder / "processors.json").read_text(encoding="utf-8"))
    return _between(text, "course bench processors", processors.markdown(measured))


def findings(text: str) -> str:
    """findings/README.md with a line for each script: its first. Raises ValueError."""
    scripts = sorted(path for path in (ROOT / "findings").glob("*.sh") if path.name != "lib.sh")
    lines = [
        f"- [{path.stem}]({path.name}): {path.read_text(encoding='utf-8').splitlines()[1][2:]}" for path in scripts
    ]
    return _between(text, "made from the scripts' first lines: make docs", "\n".join(lines))


def probed(text: str) -> str:
    """handbook/trust.md with what was probed, and what came of odd things and of kills. Raises ValueError."""
    folder = ROOT / "course" / "benchmarks"
    for name, made in (
        ("course probes", command.markdown),
        ("course bench odd", odd.markdown),
        ("course bench killed", killed.markdown),
    ):
        file = folder / f"{name.split()[-1]}.json"
        words = f"No record yet: `{name} --json > {file.relative_to(ROOT).as_posix()}`, then `make docs`."
        if file.is_file():
            words = made(json.loads(file.read_text(encoding="utf-8")))
        text = _between(text, name, words)
    return text


def _between(text: str, mark: str, made: str) -> str:
    """The text with what stands between `mark` and the next end made anew."""
    pattern = rf"(<!-- {re.escape(mark)} -->\n).*?(<!-- end -->)"
    text, places = re.subn(pattern, lambda at: f"{at[1]}\n{made}\n\n{at[2]}", text, flags=re.DOTALL)
    if places != 1:
        raise ValueError(f"a page lost the place of {mark!r}")
    return text


def readme(text: str, words: str) -> str:
    """README with its made parts made anew. Raises ValueError if it has lost the place of one."""
    text, pictures = re.subn(r"!\[[^\]]*\]\(handbook/shrink\.png\)", lambda _: f"![{words}](handbook/shrink.png)", text)
    text, tables = re.subn(r"\| Unit \|.*\n(?:\|.*\n)*", lambda _: table() + "\n", text)
    if (pictures, tables) != (1, 1):
        raise ValueError("README lost the place of its picture or of its table of units")
    return text


def understanding(page: str) -> str:
    """handbook/interview.md with how often the right card is among three, by way and by who wrote the questions."""
    made = interview.markdown(json.loads(interview.MEASURED.read_text(encoding="utf-8")))
    return re.sub(r"(<!-- course bench interview -->\n).*?(<!-- end -->)", rf"\1\n{made}\n\2", page, flags=re.DOTALL)


if __name__ == "__main__":
    png, words = draw()
    (ROOT / "handbook" / "shrink.png").write_bytes(png)
    file = ROOT / "README.md"
    file.write_text(readme(file.read_text(encoding="utf-8"), words), encoding="utf-8")
    for file, made in (
        (ROOT / "handbook" / "trust.md", probed),
        (ROOT / "handbook" / "class.md", grading),
        (ROOT / "handbook" / "firsthour.md", waiting),
        (ROOT / "handbook" / "converters.md", converters),
        (ROOT / "handbook" / "interview.md", understanding),
        (ROOT / "findings" / "README.md", findings),
    ):
        file.write_text(made(file.read_text(encoding="utf-8")), encoding="utf-8")
