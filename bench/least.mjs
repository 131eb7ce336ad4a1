// The least code that does the same job: node:http (the cheapest client Node has), JSON.parse, zod for each record, the raw
// page kept, a cursor for each org written at the end. No retry, no pacing, no sync to disk, no integrity.
//   node bench/least.mjs URL OUT_FOLDER
import { closeSync, mkdirSync, openSync, writeFileSync, writevSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { Issue } from './issue-schema.ts';

const [base, out] = process.argv.slice(2);
mkdirSync(out, { recursive: true });
const CONCURRENCY = 10;
const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
const fetchPage = (path) =>
  new Promise((resolve, reject) =>
    get(base + path, { agent }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks)));
      response.on('error', reject);
    }).on('error', reject),
  );

const { data: orgs } = JSON.parse(await fetchPage('/rest/orgs?version=2024-10-15&limit=100'));
const state = {};
let records = 0;
const queue = orgs.map(({ id }) => id);
const NEWLINE = Buffer.from('\n');
await Promise.all(
  Array.from({ length: CONCURRENCY }, async () => {
    for (let org = queue.shift(); org !== undefined; org = queue.shift()) {
      const file = openSync(join(out, `${org}.ndjson`), 'w');
      for (let path = `/rest/orgs/${org}/issues?version=2024-10-15&limit=100`; path !== undefined;) {
        const bytes = await fetchPage(path);
        const page = JSON.parse(bytes.toString());
        for (const record of page.data) {
          const { attributes } = Issue.parse(record);
          if (!(state[org] > attributes.updated_at)) state[org] = attributes.updated_at;
        }
        records += page.data.length;
        writevSync(file, [bytes, NEWLINE]);
        path = page.links.next;
      }
      closeSync(file);
    }
  }),
);
writeFileSync(join(out, 'state.json'), JSON.stringify(state));
agent.destroy();
console.log(JSON.stringify({ records }));
