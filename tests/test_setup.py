"""tools/setup.sh: uv where it can be had, else pip and one sentence; always the lock that was asked for."""

from __future__ import annotations

import os
import subprocess

import pytest
from conftest import ROOT

#: Stands for Python: says what it was asked for, makes a .venv of itself, and "installs" uv as far as $UV says.
PYTHON = """#!/bin/sh
echo "python $*" >> asked.txt
case "$*" in
"-m pip --version") [ -e .venv/pip ] ;;
"-m venv .venv") mkdir -p .venv/bin; cp "$0" .venv/bin/python; touch .venv/pip ;;
*uv==*) [ "$UV" = none ] && exit 1
    printf '#!/bin/sh\\necho "uv $UV_DEFAULT_INDEX $*" >> asked.txt\\n[ "$UV" = works ]\\n' > .venv/bin/uv
    chmod +x .venv/bin/uv ;;
*"config get"*) [ -z "$INDEX" ] || echo "$INDEX" ;;
esac
"""
SENTENCE = "uv can't be used here, so pip installs everything"


@pytest.fixture
def setup(tmp_path):
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)

    def run(uv, *arguments, **more):
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "PIP_"))}
        ran = subprocess.run(
            ["sh", str(ROOT / "tools" / "setup.sh"), *arguments], cwd=tmp_path, capture_output=True, text=True,
            env=clean | {"PYTHON": str(tmp_path / "python"), "UV": uv, **more},
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        return ran.stdout, (tmp_path / "asked.txt").read_text()

    return run


pytestmark = pytest.mark.skipif(os.name != "posix", reason="a script for sh")


@pytest.mark.parametrize("given", ["", "class", "site", "test"])
def test_uv_installs_the_lock_that_was_asked_for(setup, given):
    said, asked = setup("works", *filter(None, [given]))
    lock = f"requirements-{given}.lock" if given else "requirements.lock"
    assert SENTENCE not in said and f"uv  pip install --python .venv/bin/python --no-deps -r {lock}" in asked
    assert "-m pip install --disable-pip-version-check" not in asked and "-e ." in asked


@pytest.mark.parametrize("uv", ["none", "fails"])
def test_without_uv_pip_installs_the_same(setup, uv):
    said, asked = setup(uv)
    assert said.count(SENTENCE) == 1
    assert "python -m pip install --disable-pip-version-check --no-deps -r requirements.lock" in asked


def test_a_registry_that_pip_knows_is_the_one_that_uv_asks(setup):
    assert "uv here pip install" in setup("works", INDEX="here")[1]
    assert "uv there pip install" in setup("works", INDEX="here", UV_DEFAULT_INDEX="there")[1]


def test_what_is_there_is_not_made_again_and_a_venv_without_pip_gets_one(setup, tmp_path):
    setup("works")
    assert setup("works")[1].count("-m venv") == 1 == (tmp_path / "asked.txt").read_text().count("uv==")
    (tmp_path / ".venv" / "pip").unlink()
    assert setup("works")[1].count("-m venv") == 2
