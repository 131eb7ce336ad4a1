import { numbersFromArgs, serveByHand } from '../_kit/by-hand.ts';
import { startMondayEmulator } from './monday-emulator.ts';

/** By hand: `npx tsx test/emulators/monday/main.ts --port 8080 --boards 3 --items 1000 --users 20 --seed 1` */
const { numbers } = numbersFromArgs({ port: 0, boards: 3, items: 50, users: 12, seed: 1 });
const { items: itemsPerBoard, ...rest } = numbers;
const emulator = await startMondayEmulator({ itemsPerBoard, ...rest });

serveByHand(
  emulator,
  `SASSY_MONDAY__TOKEN=${emulator.token}`,
  `SASSY_MONDAY__BASE_URL=${emulator.url}`,
  '',
  `curl -H 'Authorization: ${emulator.token}' -H 'Content-Type: application/json' '${emulator.url}/v2' -d '{"query":"{ boards { id name } }"}'`,
);
