import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { faulty } from './stream-rig.ts';

/** What comes back for a plain GET, as text, and how the connection ended. */
function exchange(
  origin: string,
  path = '/',
): Promise<{ readonly text: string; readonly end: string; readonly pieces: number }> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    let text = '';
    let pieces = 0;
    const done = (end: string): void => {
      socket.destroy();
      resolve({ text, end, pieces });
    };
    socket.on('connect', () => socket.write(`GET ${path} HTTP/1.1\r\nhost: h\r\n\r\n`));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      pieces += 1;
    });
    socket.on('error', () => done('reset'));
    socket.on('end', () => done('closed'));
    setTimeout(() => done('open'), 400).unref();
  });
}

test('answers one after the other, the last for ever, and tells what came', async () => {
  const server = await faulty([{ status: 503 }, { json: { a: 1 } }]);
  const statuses = [];
  for (let i = 0; i < 4; i++)
    statuses.push((await fetch(`${server.origin}/p?x=${i}`, { headers: { 'x-a': 'b' } })).status);
  expect(statuses).toEqual([503, 200, 200, 200]);
  expect(server.requests[3]).toMatchObject({ method: 'GET', url: '/p?x=3', headers: { 'x-a': 'b' }, body: '' });
  expect((await fetch(server.origin)).headers.get('content-type')).toBe('application/json');
});

test('a function sees the request and its number, and draws the same numbers for the same seed', async () => {
  const drawn: number[][] = [];
  for (const seed of [5, 5, 6]) {
    const numbers: number[] = [];
    const server = await faulty(
      (request, number, random) => {
        numbers.push(random());
        return { body: `${request.method} ${request.url} ${request.body} ${number}` };
      },
      { seed },
    );
    const answers = [];
    for (let i = 0; i < 3; i++)
      answers.push(await (await fetch(`${server.origin}/p`, { method: 'POST', body: 'hello' })).text());
    expect(answers).toEqual([1, 2, 3].map((n) => `POST /p hello ${n}`));
    drawn.push(numbers);
  }
  expect(drawn[0]).toEqual(drawn[1]);
  expect(drawn[0]).not.toEqual(drawn[2]);
});

test.each(['gzip', 'br', 'deflate'] as const)('compresses: %s, by length and in chunks', async (encoding) => {
  const server = await faulty((_, n) => ({ body: 'x'.repeat(500), encoding, framing: n === 1 ? 'length' : 'chunked' }));
  for (let i = 0; i < 2; i++) expect(await (await fetch(server.origin)).text()).toBe('x'.repeat(500));
});

test('cuts, closes, resets, stalls, slices, and sends any bytes', async () => {
  const server = await faulty(({ url }) => {
    if (url === '/cut') return { body: '0123456789', cutAt: 0.5 };
    if (url === '/reset') return { body: 'abc', end: 'reset', endDelayMs: 30 };
    if (url === '/stall') return { body: 'abc', cutAt: 0, end: 'stall' };
    if (url === '/close') return { body: 'abc', framing: 'close' };
    if (url === '/sliced') return { body: 'abcdef', pieceBytes: 1, bytesPerSecond: 100, end: 'close' };
    return { raw: 'no HTTP at all', end: 'close' };
  });
  expect(await exchange(server.origin, '/cut')).toMatchObject({
    text: expect.stringMatching(/content-length: 10\r\n\r\n01234$/),
    end: 'closed',
  });
  expect((await exchange(server.origin, '/reset')).end).toBe('reset');
  expect(await exchange(server.origin, '/stall')).toMatchObject({
    text: expect.stringMatching(/\r\n\r\n$/),
    end: 'open',
  });
  expect((await exchange(server.origin, '/close')).text).toMatch(/connection: close\r\n\r\nabc$/);
  expect((await exchange(server.origin, '/sliced')).pieces).toBeGreaterThan(3);
  expect(await exchange(server.origin, '/raw')).toMatchObject({ text: 'no HTTP at all', end: 'closed' });
});

test('refuses connections, and a header may come twice', async () => {
  const server = await faulty([{ headers: { 'retry-after': ['7', '9'] } }], { accept: (connection) => connection > 1 });
  expect((await exchange(server.origin)).end).toBe('reset');
  expect((await exchange(server.origin)).text).toContain('retry-after: 7\r\nretry-after: 9\r\n');
  expect(server.connections()).toBe(2);
});
