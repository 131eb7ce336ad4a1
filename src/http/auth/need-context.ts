import { SassyError } from '../../errors/sassy-error.ts';
import type { AuthContext } from '../../model/http.ts';

/** Every client of the framework hands a context over; only code that calls `policy` itself can forget it. */
export function needContext(context: AuthContext | undefined): AuthContext {
  if (context !== undefined) return context;
  throw new SassyError('DEFINITION', {
    message: 'A login that gets tokens was asked for its policy without a context',
    fix: 'give the auth value to `http: { auth }`, or hand the context on: auth.policy(config, context)',
  });
}
