import { isSassyError } from '../../src/errors/sassy-error.ts';
import { nodeTransport } from '../../src/http/node-transport.ts';

/** `node send-child.ts <origin>`: one request, how it ended, and the most memory the process has had. */
const [origin = ''] = process.argv.slice(2);
const transport = nodeTransport({ maxSockets: 1 });
const request = { method: 'GET', url: `${origin}/things`, headers: {}, mayBePrivate: true };
const outcome = await transport.send(request).then(
  ({ status }) => String(status),
  (error: unknown) => (isSassyError(error) ? error.code : String(error)),
);
transport.close();
process.stdout.write(JSON.stringify({ outcome, peakMb: process.resourceUsage().maxRSS / 1024 }));
