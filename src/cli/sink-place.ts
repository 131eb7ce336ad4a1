import type { Session } from './session.ts';

/** What of a session a sink needs. */
export type SinkPlace = Pick<Session, 'environment' | 'connection' | 'projectFolder' | 'projectConfig' | 'paths'> & {
  readonly manifest: Pick<Session['manifest'], 'name'>;
};
