import { numbersFromArgs, serveByHand } from '../_kit/by-hand.ts';
import { startGcpEmulator } from './gcp-emulator.ts';

/** By hand: `npx tsx test/emulators/gcp/main.ts --port 8080 --projects 8 --buckets 20 --assets 1000 --seed 1` */
const { numbers } = numbersFromArgs({ port: 0, projects: 3, buckets: 10, assets: 40, seed: 1 });
const { buckets: bucketsPerProject, assets: assetsPerProject, ...rest } = numbers;
const emulator = await startGcpEmulator({ bucketsPerProject, assetsPerProject, ...rest });

serveByHand(
  emulator,
  `export SASSY_GCP__SERVICE_ACCOUNT='${emulator.serviceAccount}'`,
  `export SASSY_GCP__BASE_URL=${emulator.url}`,
);
