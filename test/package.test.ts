import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerOf, workspace } from './support/cli.ts';

const ROOT = resolve(import.meta.dirname, '..');

/**
 * The package as a user gets it: the tarball unpacked into another folder's node_modules. Its dependencies are linked
 * from here, because a test must not need a registry.
 */
describe('the packed package in a project of its own', () => {
  const place = workspace();
  const installed = join(place.folder, 'node_modules', 'sassy');

  beforeAll(() => {
    const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', place.folder];
    const tarball = execFileSync('npm', pack, { cwd: ROOT, encoding: 'utf8' }).trim().split('\n').at(-1) ?? '';
    mkdirSync(installed, { recursive: true });
    execFileSync('tar', ['-xzf', join(place.folder, tarball), '-C', installed, '--strip-components', '1']);
    for (const name of readdirSync(join(ROOT, 'node_modules'))) {
      const target = join(place.folder, 'node_modules', name);
      // Not Node itself: a published sassy runs on the user's own.
      if (!name.startsWith('.') && name !== 'node' && !existsSync(target))
        symlinkSync(join(ROOT, 'node_modules', name), target);
    }
  });
  afterAll(() => place.remove());

  function sassy(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const child = spawn(process.execPath, [join(installed, 'bin/sassy.mjs'), ...args], {
      cwd: place.folder,
      env: { PATH: process.env['PATH'] ?? '', HOME: place.folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return answerOf(child);
  }

  it('holds what it needs and nothing of the workshop', () => {
    const there = readdirSync(installed).sort();
    expect(there).toEqual(
      [
        'README.md',
        'bin',
        'dist',
        'integrations',
        'package.json',
        'snapshots',
        'templates',
        'tsconfig.loader.json',
      ].sort(),
    );
  });

  it('runs the demo offline', async () => {
    const answer = await sassy(['run', 'snyk', 'sync', '--replay', 'demo', '--json']);
    expect(answer.code, answer.stderr).toBe(0);
    expect(answer.json().parsers[1].entities.added).toBeGreaterThan(0);
  });

  it('new: makes an integration in this project that runs against a server', async () => {
    const made = await sassy(['new', 'acme', '--json']);
    expect(made.code, made.stderr).toBe(0);
    const listed = await sassy(['list', '--json']);
    expect(
      listed.json().integrations.map(({ name, from }: { name: string; from: string }) => `${name} ${from}`),
    ).toContain('acme project');

    const items = [
      { id: 'a', name: 'first', updated_at: '2026-01-01T00:00:00.000Z' },
      { id: 'b', name: 'second', updated_at: '2026-01-02T00:00:00.000Z' },
    ];
    const server = createServer((request, response) => {
      const isIn = request.headers.authorization === 'Bearer the-token-of-acme';
      response.writeHead(isIn ? 200 : 401, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isIn ? { items } : { message: 'who are you?' }));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const env = { SASSY_ACME__TOKEN: 'the-token-of-acme', SASSY_ACME__BASE_URL: `http://127.0.0.1:${port}` };
    try {
      const answer = await sassy(['run', 'acme', 'sync', '--json'], env);
      expect(answer.code, answer.stderr).toBe(0);
      expect(answer.json().parsers[0].entities).toEqual({ added: 2, changed: 0, unchanged: 0, archived: 0 });
      const shown = await sassy(['query', 'select id, name from acme_items order by id', '--json']);
      expect(shown.json().rows).toEqual([
        { id: 'a', name: 'first' },
        { id: 'b', name: 'second' },
      ]);
    } finally {
      server.close();
    }
  });

  it('new: overwrites nothing', async () => {
    const again = await sassy(['new', 'acme', '--json']);
    expect(again.code).toBe(2);
    expect(again.json().error.code).toBe('FILE_EXISTS');
  });

  it('what new made type-checks in this project', () => {
    writeFileSync(join(place.folder, 'package.json'), '{ "type": "module" }');
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [tsc, '--noEmit', '-p', '.'], { cwd: place.folder, stdio: 'pipe' });
  });
});
