import { parseArgs } from 'node:util';
import { startSnykEmulator } from './snyk-emulator.ts';

/** By hand: `npx tsx test/emulators/snyk/main.ts --port 8080 --orgs 3 --issues 1000 --projects 250 --seed 1` */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    orgs: { type: 'string', default: '3' },
    projects: { type: 'string', default: '20' },
    issues: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    token: { type: 'string', default: 'emulator-token' },
    'latency-ms': { type: 'string', default: '0' },
  },
});

const emulator = await startSnykEmulator({
  port: count('port', values.port),
  orgs: count('orgs', values.orgs),
  projectsPerOrg: count('projects', values.projects),
  issuesPerOrg: count('issues', values.issues),
  seed: count('seed', values.seed),
  latencyMs: count('latency-ms', values['latency-ms']),
  token: values.token,
});

process.stdout.write(`${emulator.url}

SASSY_SNYK__TOKEN=${emulator.token}
SASSY_SNYK__BASE_URL=${emulator.url}

curl -H 'Authorization: token ${emulator.token}' '${emulator.url}/rest/orgs?version=2024-10-15'
curl -X POST '${emulator.url}/__emulator/change?issues=50'
`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void emulator.close());
}

function count(name: string, text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isInteger(number) || number < 0) {
    throw new RangeError(`--${name} must be a whole number, not ${JSON.stringify(text)}`);
  }
  return number;
}
