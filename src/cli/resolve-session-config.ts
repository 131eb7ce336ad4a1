import { isSecretField } from '../integration/secret-field.ts';
import type { Snapshot } from '../snapshot/snapshot-file.ts';
import type { Secret } from '../util/secret.ts';
import { readEnvFiles } from './config/env-files.ts';
import { connectionFields } from './config/project-config.ts';
import { resolveConfig } from './config/resolve-config.ts';
import { parseSets } from './config/set-option.ts';
import type { Session } from './session.ts';

export interface SessionConfig {
  readonly config: unknown;
  readonly secrets: readonly Secret[];
  readonly warnings: readonly string[];
}

/** The config of the session's connection, from all its places. */
export function sessionConfig(session: Session): SessionConfig {
  const { environment, options, manifest, connection, projectConfig, projectFolder } = session;
  const id = { integration: manifest.name, connection };
  return resolveConfig({
    ...id,
    schema: manifest.config,
    isSecret: isSecretField,
    sets: parseSets(options.sets),
    env: environment.variables,
    envFiles: readEnvFiles(projectFolder),
    file: connectionFields(projectConfig, id),
  });
}

/** The config that a snapshot was recorded with. Secrets are not in it, and none is needed: they get a placeholder. */
export function replayConfig(session: Session, snapshot: Snapshot): SessionConfig {
  const { manifest } = session;
  // A snapshot speaks of one origin. A service with several hosts is served by it as by a base URL that a user sets.
  const { hosts = [] } = manifest.http;
  const oneHost = hosts.length > 0 && 'baseUrl' in manifest.config.shape ? { baseUrl: snapshot.baseUrl } : {};
  return resolveConfig({
    integration: manifest.name,
    connection: 'replay',
    schema: manifest.config,
    isSecret: isSecretField,
    sets: new Map(Object.entries({ ...snapshot.config, ...oneHost })),
    env: {},
    envFiles: { '.env.local': new Map(), '.env': new Map() },
    file: {},
    placeholder: () => 'replay',
  });
}
