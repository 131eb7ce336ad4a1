/** `sassy help formats` */
export function formatsTopic(): string {
  return `Formats

Output. stdout is the answer, stderr is everything else: progress, hints, errors.

  on a terminal   tables and summaries; cells are cut to its width
  in a pipe       records and entities as NDJSON, one JSON object per line
  --json          one JSON object at the end, also on failure; records and entities as NDJSON

In NDJSON whole numbers that a reader would round (beyond 2^53) are strings of digits; null is null, a
field that is not there is left out.

Data, below the data folder:

  <integration>/<connection>/raw/<stream>/segments/   the vendor's bytes as they came, compressed
  <integration>/<connection>/raw/<stream>/commits/    numbered, never changed: what is visible, and the state
  <integration>/<connection>/parsed/                  entities, by generation, and what is quarantined
  <integration>/<connection>/runs/                    what happened in each run

  snapshots/<integration>/<scenario>.json             recorded HTTP, scrubbed; serves --replay and tests

Entities go where sinks in sassy.config.ts says, the first of which show and status speak of:

  duckdb    a file below parsed/, the default; sassy query
  postgres  a schema of your database, by SASSY_POSTGRES_URL; sassy query
  parquet   files below parsed/parquet/ for other programs; sassy query
  jsonl     lines below parsed/jsonl/
  stdout    what is new or has changed, one line each

What each promises, and how to write one: docs/sinks.md
`;
}
