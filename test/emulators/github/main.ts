import { parseArgs } from 'node:util';
import { startGithubEmulator } from './github-emulator.ts';

/** By hand: `npx tsx test/emulators/github/main.ts --port 8080 --orgs 1 --repositories 20 --alerts 200 --seed 1` */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    orgs: { type: 'string', default: '1' },
    repositories: { type: 'string', default: '4' },
    alerts: { type: 'string', default: '20' },
    members: { type: 'string', default: '12' },
    seed: { type: 'string', default: '1' },
    token: { type: 'string', default: 'emulator-token' },
    'latency-ms': { type: 'string', default: '0' },
  },
});

const emulator = await startGithubEmulator({
  port: Number(values.port),
  orgs: Number(values.orgs),
  repositoriesPerOrg: Number(values.repositories),
  alertsPerRepository: Number(values.alerts),
  membersPerOrg: Number(values.members),
  seed: Number(values.seed),
  latencyMs: Number(values['latency-ms']),
  token: values.token,
});

const orgs = emulator.truth.accounts.flatMap(({ login, type }) => (type === 'Organization' ? [login] : []));
process.stdout.write(`${emulator.url}

SASSY_GITHUB__TOKEN=${emulator.token}
SASSY_GITHUB__ORGS=${orgs.join(',')}
SASSY_GITHUB__BASE_URL=${emulator.url}

curl -H 'Authorization: Bearer ${emulator.token}' '${emulator.url}/orgs/${orgs[0]}/repos'
`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void emulator.close());
}
