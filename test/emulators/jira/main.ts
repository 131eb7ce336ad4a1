import { numbersFromArgs, serveByHand } from '../_kit/by-hand.ts';
import { startJiraEmulator } from './jira-emulator.ts';

/** By hand: `npx tsx test/emulators/jira/main.ts --port 8080 --issues 10000 --users 500` (and `--datacenter`) */
const { numbers, isSet } = numbersFromArgs({ port: 0, projects: 5, users: 30, issues: 250, seed: 1 }, ['datacenter']);
const deployment = isSet('datacenter') ? 'datacenter' : 'cloud';
const emulator = await startJiraEmulator({ deployment, ...numbers });

serveByHand(
  emulator,
  `SASSY_JIRA__BASE_URL=${emulator.url}`,
  `SASSY_JIRA__EMAIL=${emulator.email}`,
  `SASSY_JIRA__API_TOKEN=${emulator.apiToken}`,
  `SASSY_JIRA__DEPLOYMENT=${deployment}`,
  '',
  'or, in place of email and API token (Cloud):',
  `SASSY_JIRA__CLOUD_ID=${emulator.cloudId} SASSY_JIRA__ACCESS_TOKEN=${emulator.accessToken}`,
);
