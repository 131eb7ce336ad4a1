import type { WorldChanges } from './changes.ts';
import type { Outgoing } from '../_kit/transmit.ts';

const prefix = '/__emulator/';
const largestCount = 100_000;

/** Paths that steer the emulator itself. They are no part of Snyk's API: no token, no log, no faults. */
export function isControl(path: string): boolean {
  return path.startsWith(prefix);
}

/** `POST /__emulator/change?issues=50&projects=5&add=3` for those who cannot call the emulator's methods. */
export function handleControl(changes: WorldChanges, method: string, path: string, query: URLSearchParams): Outgoing {
  if (path !== `${prefix}change`) return reply(404, { error: 'only POST /__emulator/change exists' });
  if (method !== 'POST') return reply(405, { error: 'use POST' });
  const counts = ['issues', 'projects', 'add'].map((name) => Number(query.get(name) ?? 0));
  const [issues = 0, projects = 0, add = 0] = counts;
  const isValid = counts.every((count) => Number.isInteger(count) && count >= 0 && count <= largestCount);
  if (!isValid) return reply(400, { error: `issues, projects and add are counts up to ${largestCount}` });
  return reply(200, {
    issues: changes.changeIssues(issues).map(({ id }) => id),
    projects: changes.changeProjects(projects).map(({ id }) => id),
    added: changes.addIssues(add).map(({ id }) => id),
  });
}

function reply(status: number, body: object): Outgoing {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(`${JSON.stringify(body)}\n`) };
}
