import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Session } from './session.ts';

/** The project's own snapshots of the integration, else the ones shipped with the package. */
export function snapshotFolder({ manifest, projectFolder, environment }: Session): string {
  const own = join(projectFolder, 'snapshots', manifest.name);
  return existsSync(own) ? own : join(environment.packageFolder, 'snapshots', manifest.name);
}

export function snapshotFile(session: Session, scenario: string): string {
  return join(snapshotFolder(session), `${scenario}.json`);
}
