#!/bin/bash
# count.sh OUTDIR: how many issues are committed, read back from the raw store.
here=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
cd "$here/project" || exit 1
node "$here/../bin/sassy.mjs" run bench status --json --data-dir "$1/data" |
  node -e 'let t="";process.stdin.on("data",d=>t+=d).on("end",()=>console.log(JSON.parse(t).streams.find(s=>s.name==="issues").records))'
