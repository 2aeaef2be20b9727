#!/bin/sh
# Trains the demo model from its corpus; writes orchestra-demo.gguf, its figures in eval.json and in the card.
#
#   train.sh           the whole recipe: about three minutes on two idle cores; rewrites the figures of the card too;
#                      exits 1 below 95 % of the seen wordings
#   train.sh --short   a few epochs on a part of the corpus, under a minute; writes nothing; exits 1 unless the loss
#                      falls to a tenth
#
# Needs scripts/deps to have run. ORCHESTRA_DEMO_BUILD names the build folder (default: build/demo).
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
build=${ORCHESTRA_DEMO_BUILD:-$root/build/demo}
libraries=${ORCHESTRA_LLAMA_BIN:-$root/build/deps/llama/bin}
source=${ORCHESTRA_LLAMA_SOURCE:-$root/build/deps/llama.cpp}

short=no
case "${1-}" in
  '') ;;
  --short) short=yes ;;
  *) echo "usage: train.sh [--short]" >&2; exit 2 ;;
esac

if [ ! -e "$libraries/libggml-base.so" ]; then
  echo "train.sh: no ggml libraries in $libraries; run scripts/deps first" >&2
  exit 2
fi

mkdir -p "$build"
launcher=
command -v ccache >/dev/null && launcher=-DCMAKE_CXX_COMPILER_LAUNCHER=ccache
echo "building the trainer in $build"
if ! { cmake -S "$here" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
         -DCMAKE_CXX_COMPILER="${CXX:-clang++-19}" $launcher \
         -DORCHESTRA_LLAMA_SOURCE="$source" -DORCHESTRA_LLAMA_BIN="$libraries" &&
       ninja -C "$build" demo-train; } >"$build/build.log" 2>&1; then
  tail -n 40 "$build/build.log" >&2
  exit 2
fi

if [ "$short" = yes ]; then
  exec "$build/demo-train" --libraries "$libraries" --recipe "$here" --threads 1 \
    --facts 48 --epochs 12 --must-fall 10
fi
"$build/demo-train" --libraries "$libraries" --recipe "$here" --threads "$(nproc)" \
  --model "$here/orchestra-demo.gguf" --report "$here/eval.json" --must-know 0.95
python3 "$here/card.py"
