import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';

/** Children of the tests run what ships: the build is made once, before any of them starts. */
export function setup(): void {
  const root = resolve(import.meta.dirname, '../..');
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
}
