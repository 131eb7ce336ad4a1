#!/bin/bash
# run.sh URL OUTDIR: sassy's whole stream path (check, validate, raw store, state, fsync) for a harness that times clients
# from outside. Put this folder, or a link to it, among the harness's clients.
here=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
cd "$here/project" || exit 1
SASSY_BENCH__BASE_URL="$1/rest" exec node $NODE_ARGS "$here/../bin/sassy.mjs" \
  run bench stream --quiet --json --data-dir "$2/data" > "$2/answer.json"
