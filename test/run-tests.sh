#!/usr/bin/env bash
# Runs the tests of the dev build, phase by phase, and ends with the line `N passed, N failed`.
#
#   test/run-tests.sh [structure|dependencies|unit|integration|business|performance|all]... [--verbose]
#
# A phase is a ctest label. `all`, the default, also runs tests that carry none of these labels.
# ORCHESTRA_BUILD names another build folder than build/dev.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

phases=(structure dependencies unit integration business performance)
verbose=no
chosen=()
for argument in "$@"; do
  case $argument in
    structure | dependencies | unit | integration | business | performance) chosen+=("$argument") ;;
    all) chosen=("${phases[@]}" other) ;;
    -v | --verbose) verbose=yes ;;
    -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "Unknown phase '$argument'. Phases: ${phases[*]} all; option: --verbose" >&2; exit 2 ;;
  esac
done
((${#chosen[@]})) || chosen=("${phases[@]}" other)

build=${ORCHESTRA_BUILD:-build/dev}
if [[ ! -f $build/CTestTestfile.cmake ]]; then
  echo "There is no build in $build yet. Run: make test" >&2
  exit 2
fi
results=$(realpath "$build")/test-results
rm -rf "$results"
mkdir -p "$results"

pattern="^($(IFS='|'; echo "${phases[*]}"))\$"
for phase in "${chosen[@]}"; do
  selection=(-L "^$phase\$")
  [[ $phase == other ]] && selection=(-LE "$pattern")
  # Measurements and whole-product tests have the machine to themselves.
  jobs=$(nproc)
  [[ $phase == performance || $phase == business ]] && jobs=1
  report=(--output-on-failure --progress)
  [[ $verbose == yes ]] && report=(--extra-verbose)
  [[ -t 1 || $verbose == yes ]] || report=(--output-on-failure --quiet)
  begin=$SECONDS
  # The results file decides below; ctest's own status also is non-zero for "no tests".
  ctest --test-dir "$build" "${selection[@]}" -j "$jobs" --no-tests=ignore "${report[@]}" \
    --output-junit "$results/$phase.xml" --output-log "$results/$phase.log" || true
  scripts/test-summary --phase "$phase" --seconds $((SECONDS - begin)) "$results/$phase.xml" || true
done
scripts/test-summary --total "$results"/*.xml
