// A local JSON:API server that is faster than any client: pages are made once and only ids are patched in.
//   node bench/server.mjs --orgs 20 --issues 200000   prints its URL when it is ready
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { orgs: { type: 'string', default: '20' }, issues: { type: 'string', default: '200000' } },
});
const orgs = Array.from({ length: Number(values.orgs) }, (_, index) => uuid(index));
const perOrg = Math.ceil(Number(values.issues) / orgs.length);
const PAGE = 100;
const templates = Array.from({ length: 16 }, (_, index) => template(index));

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const [, , , org, kind] = url.pathname.split('/');
  if (org === undefined)
    return json(response, {
      data: orgs.map((id) => ({ id, type: 'org', attributes: { name: id, slug: id } })),
      links: {},
    });
  if (kind !== 'issues') return json(response, { data: [], links: {} });
  const from = Number(url.searchParams.get('starting_after') ?? 0);
  const count = url.searchParams.has('updated_after') ? 0 : Math.min(PAGE, perOrg - from);
  const body = page(orgs.indexOf(org), from, count);
  response.writeHead(200, { 'content-type': 'application/vnd.api+json', 'content-length': body.length });
  response.end(body);
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));

function page(org, from, count) {
  const { bytes, idOffsets, recordEnds } = templates[(from / PAGE + org) % templates.length];
  const head = Buffer.from('{"jsonapi":{"version":"1.0"},"data":[');
  const records = Buffer.from(bytes.subarray(0, count === 0 ? 0 : recordEnds[count - 1]));
  for (let index = 0; index < count; index += 1)
    records.write((org * 1e7 + from + index).toString(16).padStart(12, '0'), idOffsets[index], 'latin1');
  const next =
    from + count < perOrg && count > 0
      ? `"next":"/rest/orgs/${orgs[org]}/issues?version=2024-10-15&limit=100&starting_after=${from + count}"`
      : '';
  return Buffer.concat([head, records, Buffer.from(`],"links":{${next}}}`)]);
}

function template(seed) {
  const idOffsets = [];
  const recordEnds = [];
  let text = '';
  for (let index = 0; index < PAGE; index += 1) {
    if (index > 0) text += ',';
    idOffsets.push(Buffer.byteLength(text) + '{"id":"3916a413-2fca-45c9-a1bf-'.length);
    text += JSON.stringify(record(seed * PAGE + index));
    recordEnds.push(Buffer.byteLength(text));
  }
  return { bytes: Buffer.from(text), idOffsets, recordEnds };
}

function record(n) {
  const pick = (list) => list[(n * 7919) % list.length];
  const day = new Date(Date.UTC(2024, 0, 1) + n * 41_234_567).toISOString();
  return {
    id: '3916a413-2fca-45c9-a1bf-000000000000',
    type: 'issue',
    attributes: {
      key: `SNYK-JS-PACKAGE${n}-${1000 + n}`,
      title: pick([
        'Prototype Pollution',
        'Regular Expression Denial of Service (ReDoS)',
        'Cross-site Scripting (XSS) – stored',
        'SQL Injection',
      ]),
      description: `Affected versions of this package are vulnerable to issue ${n}. `.repeat(5),
      type: 'package_vulnerability',
      created_at: day,
      updated_at: day,
      status: pick(['open', 'open', 'resolved']),
      ignored: n % 11 === 0,
      effective_severity_level: pick(['low', 'medium', 'high', 'critical', 'info']),
      problems: [
        { id: `SNYK-JS-PACKAGE${n}-${1000 + n}`, source: 'SNYK', type: 'vulnerability', updated_at: day },
        {
          id: `CVE-2024-${1000 + n}`,
          source: 'NVD',
          type: 'vulnerability',
          updated_at: day,
          url: `https://nvd.nist.gov/vuln/detail/CVE-2024-${1000 + n}`,
        },
      ],
      classes: [{ id: `CWE-${n % 900}`, source: 'CWE', type: 'weakness' }],
      coordinates: [
        {
          is_fixable_manually: false,
          is_fixable_snyk: n % 2 === 0,
          is_upgradeable: n % 3 === 0,
          reachability: 'no-info',
          representations: [{ dependency: { package_name: `package-${n}`, package_version: `1.${n % 40}.${n % 7}` } }],
          remedies: [
            {
              type: 'indeterminate',
              description: `Upgrade package-${n} to a later version`,
              details: { upgrade_package: `package-${n}@2.0.0` },
            },
          ],
        },
      ],
      risk: { score: { model: 'v1', value: n % 1000 }, factors: [] },
    },
    relationships: {
      organization: { data: { id: uuid(1), type: 'organization' }, links: { related: `/rest/orgs/${uuid(1)}` } },
      scan_item: {
        data: { id: uuid(n), type: 'project' },
        links: { related: `/rest/orgs/${uuid(1)}/projects/${uuid(n)}` },
      },
      test_executions: { data: [] },
    },
  };
}

function uuid(n) {
  return `0a1b2c3d-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
}

function json(response, value) {
  response.writeHead(200, { 'content-type': 'application/vnd.api+json' });
  response.end(JSON.stringify(value));
}
