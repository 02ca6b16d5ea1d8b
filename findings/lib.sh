# What every finding does first: pinned packages in a temporary folder, which goes when the script ends.
#
#     . "$(dirname "$0")/lib.sh"; packages scikit-learn==1.9.1 skl2onnx==1.20.0
#     "$python" - <<'PYTHON'

set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python=$folder/bin/python
export OMP_NUM_THREADS=2 PIP_DISABLE_PIP_VERSION_CHECK=1

packages() {
    python3 -m venv "$folder"
    "$python" -m pip install --quiet --no-compile --only-binary :all: "$@"
    cd "$folder"
}

# What most findings look at.
CONVERTING="numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 skl2onnx==1.20.0 onnx==1.23.2 onnxruntime==1.32.0 protobuf==6.33.6"
