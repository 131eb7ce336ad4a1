import { parseArgs } from 'node:util';
import { startJiraEmulator } from './jira-emulator.ts';

/** By hand: `npx tsx test/emulators/jira/main.ts --port 8080 --issues 10000 --users 500` (and `--datacenter`) */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    projects: { type: 'string', default: '5' },
    users: { type: 'string', default: '30' },
    issues: { type: 'string', default: '250' },
    seed: { type: 'string', default: '1' },
    datacenter: { type: 'boolean', default: false },
  },
});

const deployment = values.datacenter ? 'datacenter' : 'cloud';
const emulator = await startJiraEmulator({
  deployment,
  port: count('port', values.port),
  projects: count('projects', values.projects),
  users: count('users', values.users),
  issues: count('issues', values.issues),
  seed: count('seed', values.seed),
});

process.stdout.write(`${emulator.url}

SASSY_JIRA__BASE_URL=${emulator.url}
SASSY_JIRA__EMAIL=${emulator.email}
SASSY_JIRA__API_TOKEN=${emulator.apiToken}
SASSY_JIRA__DEPLOYMENT=${deployment}

or, in place of email and API token (Cloud): SASSY_JIRA__CLOUD_ID=${emulator.cloudId} SASSY_JIRA__ACCESS_TOKEN=${emulator.accessToken}
`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void emulator.close());

function count(name: string, text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isInteger(number) || number < 0) {
    throw new RangeError(`--${name} must be a whole number, not ${JSON.stringify(text)}`);
  }
  return number;
}
