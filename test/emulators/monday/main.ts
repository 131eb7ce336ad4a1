import { parseArgs } from 'node:util';
import { startMondayEmulator } from './monday-emulator.ts';

/** By hand: `npx tsx test/emulators/monday/main.ts --port 8080 --boards 3 --items 1000 --users 20 --seed 1` */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    boards: { type: 'string', default: '3' },
    items: { type: 'string', default: '50' },
    users: { type: 'string', default: '12' },
    seed: { type: 'string', default: '1' },
    token: { type: 'string', default: 'emulator-token' },
  },
});

const emulator = await startMondayEmulator({
  port: count('port', values.port),
  boards: count('boards', values.boards),
  itemsPerBoard: count('items', values.items),
  users: count('users', values.users),
  seed: count('seed', values.seed),
  token: values.token,
});

process.stdout.write(`${emulator.url}

SASSY_MONDAY__TOKEN=${emulator.token}
SASSY_MONDAY__BASE_URL=${emulator.url}

curl -H 'Authorization: ${emulator.token}' -H 'Content-Type: application/json' '${emulator.url}/v2' -d '{"query":"{ boards { id name } }"}'
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
