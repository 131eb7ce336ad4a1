import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineIntegration, defineStream, incremental, parser } from '../../src/index.ts';
import { codeHashOf } from '../../src/integration/code-hash.ts';
import { parserHash } from '../../src/integration/parser-hash.ts';
import { manifestOf } from './connection.ts';
import { base, Item, source, Thing } from './things.ts';

describe('codeHashOf', () => {
  let root: string;
  const file = async (path: string, text: string): Promise<string> => {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), text);
    return codeHashOf(join(root, 'integrations/acme'));
  };

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'sassy-hash-'));
    await file(
      'integrations/acme/integration.ts',
      "import { a } from './mapping.ts';\nimport '../_domain/security.js';\n",
    );
    await file(
      'integrations/acme/mapping.ts',
      "export { b as a } from '../_shared/names.ts';\nimport x from '../../outside.ts';",
    );
    await file('integrations/_domain/security.ts', "import { t } from './time.ts';");
    await file('integrations/_domain/time.ts', 'export const t = 1;');
    await file('integrations/_domain/unused.ts', 'export const u = 1;');
    await file('integrations/_shared/names.ts', 'export const b = 1;');
    await file('outside.ts', '');
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('changes with every file that is reached, and with no other', async () => {
    const before = await codeHashOf(join(root, 'integrations/acme'));
    expect(await file('integrations/acme/README.md', 'x')).toBe(before);
    expect(await file('integrations/_domain/unused.ts', 'export const u = 2;')).toBe(before);
    expect(await file('integrations/other/integration.ts', '')).toBe(before);
    expect(await file('outside.ts', 'changed')).toBe(before);
    const seen = new Set([before]);
    for (const path of [
      '_domain/time.ts',
      '_domain/security.ts',
      '_shared/names.ts',
      'acme/mapping.ts',
      'acme/integration.ts',
      'acme/data.json',
    ]) {
      const after = await file(`integrations/${path}`, '// changed\n');
      expect(seen.has(after), path).toBe(false);
      seen.add(after);
      if (path.startsWith('_')) continue;
    }
  });

  it('does not change with the place of the folder', async () => {
    const before = await codeHashOf(join(root, 'integrations/acme'));
    await cp(join(root, 'integrations'), join(root, 'elsewhere/integrations'), { recursive: true });
    expect(await codeHashOf(join(root, 'elsewhere/integrations/acme'))).toBe(before);
  });
});

describe('parserHash', () => {
  const hashes = (record: typeof Item, primaryKey = 'id'): readonly string[] => {
    const stream = defineStream({ name: 'items', record, primaryKey, cursor: 'at', source });
    const run = parser({ items: incremental(stream) }, Thing, async function* ({ items }) {
      for await (const { id, size } of items) yield { id, size };
    });
    const manifest = manifestOf(
      defineIntegration({ ...base, streams: [stream], entities: [Thing], parsers: { one: run, two: run } }),
    );
    return manifest.parsers.map((one) => parserHash(manifest, one, 'code'));
  };

  it('is of one parser: its schemas, its streams, its name', () => {
    const [one, two] = hashes(Item);
    expect(one).not.toBe(two);
    expect(hashes(z.looseObject({ id: z.string(), size: z.number() }))).toEqual([one, two]);
    expect(hashes(z.looseObject({ id: z.string(), size: z.number().max(5) }))[0]).not.toBe(one);
    expect(hashes(Item, 'size')[0]).not.toBe(one);
  });
});
