import { SassyError } from '../../errors/sassy-error.ts';
import { effectiveBase } from '../request-url.ts';

/**
 * Says where a URL of the service really is. `canonical` is the integration's base URL, `given` the one of the config,
 * which replaces the origin of every URL and keeps the paths: one base URL serves all hosts of a service. A URL without
 * a host is below the base URL. DEFINITION for a URL that would carry credentials unencrypted over a network.
 */
export function locator(canonical: string, given?: string): (url: string) => string {
  const isMoved = given !== undefined && given !== '';
  return (text) => {
    const base = effectiveBase(canonical, given);
    if (text.startsWith('/') && !text.startsWith('//')) return base + text;
    const url = URL.parse(text);
    if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw noLoginUrl('it is not a URL');
    if (url.username !== '' || url.password !== '') throw noLoginUrl('it holds a user name or a password');
    if (isMoved) {
      const ownPath = new URL(canonical).pathname.replace(/\/+$/, '');
      const root = base.slice(0, base.length - ownPath.length);
      return url.origin === new URL(base).origin ? url.href : root + url.pathname + url.search;
    }
    if (url.protocol === 'http:' && !isLoopback(url.hostname)) throw noLoginUrl('http sends credentials unencrypted');
    return url.href;
  };
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function noLoginUrl(why: string): SassyError {
  return new SassyError('DEFINITION', {
    message: 'A URL of the login cannot be used',
    why,
    fix: 'write it like https://host/path, or /path for one below the base URL',
  });
}
