import { numbersFromArgs, serveByHand } from '../_kit/by-hand.ts';
import { startSnykEmulator } from './snyk-emulator.ts';

/** By hand: `npx tsx test/emulators/snyk/main.ts --port 8080 --orgs 3 --issues 1000 --projects 250 --seed 1` */
const defaults = { port: 0, orgs: 3, projects: 20, issues: 100, members: 6, seed: 1, 'latency-ms': 0 };
const { numbers, isSet } = numbersFromArgs(defaults, ['no-group-rights']);

const emulator = await startSnykEmulator({
  port: numbers.port,
  orgs: numbers.orgs,
  projectsPerOrg: numbers.projects,
  issuesPerOrg: numbers.issues,
  membersPerOrg: numbers.members,
  seed: numbers.seed,
  latencyMs: numbers['latency-ms'],
  groupRights: !isSet('no-group-rights'),
});

serveByHand(
  emulator,
  `SASSY_SNYK__TOKEN=${emulator.token}`,
  `SASSY_SNYK__BASE_URL=${emulator.url}`,
  '',
  `curl -H 'Authorization: token ${emulator.token}' '${emulator.url}/rest/orgs?version=2024-10-15'`,
  `curl -X POST '${emulator.url}/__emulator/change?issues=50'`,
);
