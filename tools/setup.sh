#!/bin/sh
# Make .venv and install the pinned requirements and the package itself, with uv where it is there, else with pip.
set -eu
python=${PYTHON:-python3}
start=$(date +%s)
if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
    echo "The course needs Python 3.11, 3.12 or 3.13; $python is $("$python" --version 2>&1 | head -n 1). Try: make setup PYTHON=python3.12" >&2
    exit 1
fi
echo "Setting up .venv (about 1 GB; a few minutes the first time) ..."
if command -v uv >/dev/null 2>&1; then
    [ -x .venv/bin/python ] || uv venv --quiet --python "$python" .venv
    uv pip install --quiet --python .venv/bin/python --no-deps -r requirements.lock -e .
else
    [ -x .venv/bin/python ] || "$python" -m venv .venv
    .venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps -r requirements.lock -e .
fi
if [ "$(uname)" = Linux ] && ! command -v bwrap >/dev/null 2>&1; then
    echo "Note: bubblewrap is missing, so submissions can't be isolated when they are graded (only the open key is allowed then)."
fi
echo "Set up in $(($(date +%s) - start)) s."
