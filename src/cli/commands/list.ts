import { findProject, listIntegrations, shippedIntegrations } from '../../integration/discovery.ts';
import type { Answer, CliEnvironment } from '../environment.ts';
import { renderTable } from '../render/table.ts';

/** `sassy list`: the integrations there are, the project's own first. Loads none of them. */
export async function listCommand({ cwd, stdout, stderr }: CliEnvironment): Promise<Answer> {
  const { integrations, problems } = await listIntegrations({
    projectDir: await findProject(cwd),
    shippedDir: shippedIntegrations(),
  });
  for (const { folder, what, fix } of problems) await stderr.write(`${folder}: ${what}; ${fix}\n`);
  const rows = integrations.map(({ name, folder, origin }) => ({ name, from: origin, folder }));
  const json = { command: 'list', ok: true, exitCode: 0, retryable: false, integrations: rows };
  const text =
    rows.length === 0 ? 'no integrations; make one: sassy new <name>\n' : renderTable(rows, { width: stdout.columns });
  return { exitCode: 0, json, text };
}
