import { parseArgs } from 'node:util';
import { startGcpEmulator } from './gcp-emulator.ts';

/** By hand: `npx tsx test/emulators/gcp/main.ts --port 8080 --projects 8 --buckets 20 --assets 1000 --seed 1` */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    projects: { type: 'string', default: '3' },
    buckets: { type: 'string', default: '10' },
    assets: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
  },
});

const emulator = await startGcpEmulator({
  port: Number(values.port),
  projects: Number(values.projects),
  bucketsPerProject: Number(values.buckets),
  assetsPerProject: Number(values.assets),
  seed: Number(values.seed),
});

process.stdout.write(`${emulator.url}

export SASSY_GCP__SERVICE_ACCOUNT='${emulator.serviceAccount}'
export SASSY_GCP__BASE_URL=${emulator.url}
`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void emulator.close());
}
