import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectionPaths } from '../runtime/connection.ts';
import { newRunId } from '../runtime/run-id.ts';
import { fileBlobStore } from '../store/file-blob-store.ts';
import type { Session } from './session.ts';

/** The same session over an empty connection in a temporary folder, which is removed afterwards. */
export async function withScratch<T>(session: Session, work: (scratch: Session) => Promise<T>): Promise<T> {
  const { host } = session.environment;
  const folder = mkdtempSync(join(tmpdir(), 'sassy-run-'));
  const paths = connectionPaths(folder, session.manifest.name, session.connection);
  try {
    return await work({
      ...session,
      // What is compared is what the default sink makes; the project's own choice plays no part here.
      projectConfig: {},
      options: { ...session.options, quiet: true, replay: undefined },
      paths,
      blobs: fileBlobStore(host, paths.root),
      runId: newRunId(host),
    });
  } finally {
    await host.fs.removeFolder(folder);
  }
}
