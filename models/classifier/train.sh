#!/usr/bin/env bash
# Trains the query classifier anew: classifier.bin and CARD.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
scripts/build dev classifier-train
build/dev/bin/classifier-train models/classifier
