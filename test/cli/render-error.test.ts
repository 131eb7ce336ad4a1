import { describe, expect, test } from 'vitest';
import { errorJson, exitCodeOf, renderError } from '../../src/cli/render/error.ts';
import { loadStyle } from '../../src/cli/render/style.ts';
import { ERROR_CODES } from '../../src/errors/registry.ts';
import { SassyError } from '../../src/errors/sassy-error.ts';

const refused = new SassyError('LOGIN_REFUSED', {
  message: 'Snyk refused the token (401)',
  why: 'expired\nor revoked',
  state: 'safe: 2 pages committed',
  fix: 'set SASSY_SNYK__TOKEN in .env',
});

describe('an error on the terminal', () => {
  test('says what, why, what is safe, what mends it and where to read more', () => {
    expect(renderError(refused)).toBe(`x LOGIN_REFUSED  Snyk refused the token (401)
  why    expired
         or revoked
  state  safe: 2 pages committed
  fix    set SASSY_SNYK__TOKEN in .env
  docs   docs/errors.md#login_refused        sassy help errors LOGIN_REFUSED
`);
  });

  test('has colour only when there is a style with it', async () => {
    const style = await loadStyle(true);
    expect(renderError(refused, { style })).toContain('\u001B[31mx\u001B[39m \u001B[1mLOGIN_REFUSED\u001B[22m');
    expect(renderError(refused)).not.toContain('\u001B');
  });

  test('cannot be forged or coloured by what a server said', () => {
    const error = new SassyError('API_REFUSED', {
      message: 'it said \u001B[2J\u001B]0;x\u0007no\u202E',
      why: 'a\rb\u0000',
    });
    expect(renderError(error).split('\n').slice(0, 3)).toEqual([
      'x API_REFUSED  it said no',
      '  why    a',
      '         b',
    ]);
  });

  test('without a code of ours is a bug, with the stack and the causes only with verbose', () => {
    const error = new TypeError('x is not a function', { cause: new Error('inner') });
    expect(renderError(error)).toMatch(/^x INTERNAL {2}TypeError: x is not a function\n {2}state {2}safe/);
    expect(renderError(error)).not.toContain('render-error.test.ts');
    const verbose = renderError(error, { verbose: true });
    expect(verbose).toContain('render-error.test.ts');
    expect(verbose).toContain('caused by Error: inner');
  });

  test('of a full disk is no bug', () => {
    const error = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    expect(renderError(error)).toMatch(/^x DISK_FULL /);
  });

  test.each([undefined, null, 'text', 5n, Symbol('s'), { a: 1 }, Object.create(null)])(
    'whatever was thrown: %s',
    (thrown) => {
      expect(renderError(thrown, { verbose: true })).toMatch(/^x INTERNAL /);
      expect(exitCodeOf(thrown)).toBe(1);
    },
  );

  test('a cause that goes in circles ends', () => {
    const error = new Error('round');
    error.cause = error;
    expect(renderError(error, { verbose: true })).toMatch(/^x INTERNAL /);
  });

  test('holds no secret anywhere', () => {
    const redact = (text: string) => text.replaceAll('canary\n1', '<secret>');
    const error = new SassyError('API_REFUSED', {
      message: 'm canary\n1',
      why: 'w canary\n1',
      state: 's canary\n1',
      fix: 'f canary\n1',
      cause: new Error('c canary\n1'),
    });
    expect(renderError(error, { redact, verbose: true })).not.toContain('canary');
    expect(JSON.stringify(errorJson(error, redact))).not.toContain('canary');
    expect(errorJson(error, redact).message).toBe('m <secret>');
  });
});

test('an error in --json', () => {
  expect(errorJson(refused)).toEqual({
    code: 'LOGIN_REFUSED',
    message: 'Snyk refused the token (401)',
    hint: 'set SASSY_SNYK__TOKEN in .env',
    why: 'expired\nor revoked',
    state: 'safe: 2 pages committed',
    docs: 'docs/errors.md#login_refused',
  });
  const limited = new SassyError('RATE_LIMITED', { message: 'wait', resumeAfter: '2026-01-01T00:00:00Z' });
  expect(errorJson(limited)).toMatchObject({ resumeAfter: '2026-01-01T00:00:00Z' });
  expect(errorJson(new Error('x'))).toMatchObject({ code: 'INTERNAL', message: 'Error: x' });
});

test('exit codes are those of the registry, also for an error of another copy of the package', () => {
  for (const [code, { exitCode }] of Object.entries(ERROR_CODES)) {
    const foreign = Object.assign(new Error('x'), { name: 'SassyError', code });
    expect(exitCodeOf(foreign)).toBe(exitCode);
  }
  expect(exitCodeOf(Object.assign(new Error('x'), { name: 'SassyError', code: 'OF_THE_FUTURE' }))).toBe(1);
});
