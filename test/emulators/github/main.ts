import { numbersFromArgs, serveByHand } from '../_kit/by-hand.ts';
import { startGithubEmulator } from './github-emulator.ts';

/** By hand: `npx tsx test/emulators/github/main.ts --port 8080 --orgs 1 --repositories 20 --alerts 200 --seed 1` */
const defaults = { port: 0, orgs: 1, repositories: 4, alerts: 20, members: 12, seed: 1, 'latency-ms': 0 };
const { numbers } = numbersFromArgs(defaults);

const emulator = await startGithubEmulator({
  port: numbers.port,
  orgs: numbers.orgs,
  repositoriesPerOrg: numbers.repositories,
  alertsPerRepository: numbers.alerts,
  membersPerOrg: numbers.members,
  seed: numbers.seed,
  latencyMs: numbers['latency-ms'],
});

const orgs = emulator.truth.accounts.flatMap(({ login, type }) => (type === 'Organization' ? [login] : []));
serveByHand(
  emulator,
  `SASSY_GITHUB__TOKEN=${emulator.token}`,
  `SASSY_GITHUB__ORGS=${orgs.join(',')}`,
  `SASSY_GITHUB__BASE_URL=${emulator.url}`,
  '',
  `curl -H 'Authorization: Bearer ${emulator.token}' '${emulator.url}/orgs/${orgs[0]}/repos'`,
);
