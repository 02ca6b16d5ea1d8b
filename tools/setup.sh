#!/bin/sh
# Make .venv and install what is pinned, and the package itself: for learning and grading, or, with an argument, for
# `class`, `site` or `test`. uv does it, from the .venv itself; where it can't be had, pip does, which takes many times
# as long.
set -eu
python=${PYTHON:-python3}
lock=requirements${1:+-$1}.lock
bin=.venv/bin
start=$(date +%s)
if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
    echo "The course needs Python 3.11, 3.12 or 3.13; $python is $("$python" --version 2>&1 | head -n 1). Try: make setup PYTHON=python3.12" >&2
    exit 1
fi
echo "Setting up .venv from $lock (1 GB, of which a third is fetched) ..."
$bin/python -m pip --version >/dev/null 2>&1 || "$python" -m venv .venv
[ -x $bin/uv ] || $bin/python -m pip install --quiet --quiet --disable-pip-version-check uv==0.13.9 2>/dev/null || true
# uv reads its own settings and not pip's: a registry that only pip was told of is passed on.
index=${UV_DEFAULT_INDEX:-${PIP_INDEX_URL:-$($bin/python -m pip config get global.index-url 2>/dev/null || true)}}
[ -z "$index" ] || export UV_DEFAULT_INDEX="$index"
if ! { [ -x $bin/uv ] && $bin/uv pip install --python $bin/python --no-deps -r "$lock"; }; then
    echo "uv can't be used here, so pip installs everything: that takes some minutes."
    $bin/python -m pip install --disable-pip-version-check --no-deps -r "$lock"
fi
$bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
# What is not compiled now would be compiled anew each time in a sandbox, which can't write here.
echo "Importing once what notebooks and grading import ..."
unset PYTHONDONTWRITEBYTECODE
$bin/python -c 'import scipy.stats, sklearn.ensemble, sklearn.neural_network, sklearn.svm, pandas, matplotlib.pyplot' &
$bin/python -c 'import onnx, onnxruntime, skl2onnx, nbgrader.apps, ipykernel.kernelapp, course.learning.desk' || true
wait
if [ "$(uname)" = Linux ] && ! command -v bwrap >/dev/null 2>&1; then
    echo "Note: bubblewrap is missing, so submissions can't be isolated when they are graded (only the open key is allowed then)."
fi
echo "Set up in $(($(date +%s) - start)) s."
