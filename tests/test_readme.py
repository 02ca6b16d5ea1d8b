"""README tells the truth: its figures, its commands, its files."""

from __future__ import annotations

import re
import runpy

from conftest import ROOT
from typer.main import get_command

from course.__main__ import app

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_what_is_made_of_it_is_up_to_date():
    docs = runpy.run_path(str(ROOT / "tools" / "docs.py"))
    assert docs["readme"](README, docs["draw"]()[1]) == README, "run: make docs"


def test_what_a_class_costs_is_up_to_date():
    docs = runpy.run_path(str(ROOT / "tools" / "docs.py"))
    page = (ROOT / "handbook" / "class.md").read_text(encoding="utf-8")
    assert docs["grading"](page) == page, "run: make docs"


def test_what_converters_do_and_the_findings_are_up_to_date():
    docs = runpy.run_path(str(ROOT / "tools" / "docs.py"))
    for name, made in (("handbook/converters.md", "converters"), ("findings/README.md", "findings")):
        page = (ROOT / name).read_text(encoding="utf-8")
        assert docs[made](page) == page, "run: make docs"


def test_findings_say_what_they_must_and_name_no_host():
    scripts = [path for path in (ROOT / "findings").glob("*.sh") if path.name != "lib.sh"]
    assert len(scripts) >= 10
    for path in scripts:
        text = path.read_text(encoding="utf-8")
        head = text.split("\n. ")[0]
        assert all(f"# {word}" in head for word in ("Version", "Expected", "Behaviour", "Seen")), path.name
        assert "packages " in text and "sys.exit(" in text and "import course" not in text, path.name
        assert not re.search(r"https?://|index-url", text), path.name


def test_what_the_first_hour_takes_is_up_to_date():
    docs = runpy.run_path(str(ROOT / "tools" / "docs.py"))
    page = (ROOT / "handbook" / "firsthour.md").read_text(encoding="utf-8")
    assert docs["waiting"](page) == page, "run: make docs"


def test_what_was_probed_is_up_to_date():
    docs = runpy.run_path(str(ROOT / "tools" / "docs.py"))
    page = (ROOT / "handbook" / "trust.md").read_text(encoding="utf-8")
    assert docs["probed"](page) == page, "run: make docs"


#: What README says and what the pages say to which it leads.
SAID = "\n".join([README, *(path.read_text(encoding="utf-8") for path in sorted((ROOT / "handbook").glob("*.md")))])


def test_every_make_target_it_names_is_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?:`|^ +)make (\w+)", SAID, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_course_command_it_names_is_there():
    named = set(re.findall(r"(?:`|bin/|^ +|^)course ([a-z][\w-]+)", SAID, re.MULTILINE))
    assert len(named) > 10
    assert named <= set(get_command(app).commands)


def test_it_is_one_page():
    assert len(README.splitlines()) < 75 and "nbgrader generate" not in README


def test_every_file_it_links_is_there():
    for name in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", README):
        assert (ROOT / name).is_file(), name
