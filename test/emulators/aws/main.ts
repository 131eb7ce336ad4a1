import { parseArgs } from 'node:util';
import { startAwsEmulator } from './aws-emulator.ts';

/** By hand: `npx tsx test/emulators/aws/main.ts --port 8080 --accounts 2 --buckets 20 --users 20 --seed 1` */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    accounts: { type: 'string', default: '2' },
    buckets: { type: 'string', default: '10' },
    users: { type: 'string', default: '12' },
    seed: { type: 'string', default: '1' },
  },
});

const emulator = await startAwsEmulator({
  port: Number(values.port),
  accounts: Number(values.accounts),
  bucketsPerAccount: Number(values.buckets),
  usersPerAccount: Number(values.users),
  seed: Number(values.seed),
});

process.stdout.write(`${emulator.url}

export SASSY_AWS__ACCESS_KEY_ID=${emulator.accessKeyId}
export SASSY_AWS__SECRET_ACCESS_KEY=${emulator.secretAccessKey}
export SASSY_AWS__ROLES=${emulator.roles.join(',')}
export SASSY_AWS__BASE_URL=${emulator.url}
`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void emulator.close());
}
