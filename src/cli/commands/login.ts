import { spawn } from 'node:child_process';
import { SassyError } from '../../errors/sassy-error.ts';
import { openLoopback } from '../../http/auth/loopback.ts';
import { gotTransport } from '../../http/got-transport.ts';
import type { BrowserLogin } from '../../model/http.ts';
import { loginContext } from '../connection-login.ts';
import type { Answer } from '../environment.ts';
import { networkSettings } from '../network-settings.ts';
import { sessionConfig } from '../resolve-session-config.ts';
import { resultHead } from '../result-head.ts';
import type { Session } from '../session.ts';

export interface LoginFlags {
  /** False: the address is printed and nothing is opened. */
  readonly opensBrowser: boolean;
}

/**
 * `sassy run <i> login`: a person allows the access in a browser, once; the login is kept in the connection's `auth/`.
 * Takes no run lock: a run that is under way goes on with the new login. USAGE where there is nothing to log in to.
 */
export async function loginCommand(session: Session, { opensBrowser }: LoginFlags): Promise<Answer> {
  const { environment, manifest } = session;
  const { host, redaction, signal } = environment;
  const { config, secrets, warnings } = sessionConfig(session);
  await redaction.add(secrets);
  for (const text of warnings) await environment.stderr.write(`${redaction.redact(text)}\n`);
  const transport = gotTransport({ maxSockets: 1, ...(await networkSettings(environment.variables, host.fs)) });
  try {
    const context = await loginContext(session, { config, host, transport: transport.send });
    const login = manifest.http.auth?.browserLogin?.(config, context);
    if (login === undefined) throw nothingToLogIn(session);
    const note = await logIn(session, login, opensBrowser, signal);
    const json = { command: 'login', ...resultHead(session, 0, []), ...(note === undefined ? {} : { note }) };
    const lines = [`logged in to ${manifest.title}`, ...(note === undefined ? [] : [`note: ${note}`])];
    return { exitCode: 0, json, text: `${lines.join('\n')}\nnext: sassy run ${targetText(session)} check\n` };
  } finally {
    transport.close();
  }
}

async function logIn(
  { environment, manifest }: Session,
  login: BrowserLogin,
  opensBrowser: boolean,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { host, redaction, stderr } = environment;
  const { port, path } = login;
  const loopback = await openLoopback({ host, title: manifest.title, redact: redaction.redact, port, path, signal });
  try {
    const attempt = login.begin(loopback.redirectUri);
    const opened = opensBrowser && stderr.isTTY && openBrowser(attempt.url);
    const lead = opened
      ? 'A browser window opens. If it does not, open this address:'
      : 'Open this address in a browser:';
    // Not redacted: it holds no secret, and with a part masked nobody could log in.
    await stderr.write(`${lead}\n\n  ${attempt.url}\n\nwaiting for the answer (5 minutes; Ctrl-C ends it)\n`);
    return await loopback.answerTo(attempt);
  } finally {
    await loopback.close();
  }
}

/** False where there is no way to open one. Nobody waits for it, and nothing of it is shown. */
function openBrowser(url: string): boolean {
  // The address goes to no shell: on Windows `start` would read its `&` as the end of a command.
  const [command, ...before] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler']
        : ['xdg-open'];
  if (command === undefined) return false;
  const child = spawn(command, [...before, url], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined).unref();
  return true;
}

function nothingToLogIn(session: Session): SassyError {
  const { manifest } = session;
  return new SassyError('USAGE', {
    message: `${manifest.title} needs no login in a browser`,
    why: 'its credentials, a refresh token included, are set in the environment or in .env',
    fix: `set new credentials there (sassy run ${manifest.name} --help names the variables), then run: sassy run ${targetText(session)} check`,
  });
}

function targetText({ manifest, connection }: Session): string {
  return connection === manifest.name ? manifest.name : `${manifest.name}/${connection}`;
}
