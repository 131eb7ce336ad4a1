import { describe, expect, it } from 'vitest';
import { egressRule } from '../../src/http/egress.ts';

describe('hosts with a name in braces', () => {
  const hosts = [{ host: 's3.{region}.amazonaws.com', login: true }, '{site}.files.example.com:8443'];
  const rule = egressRule({ base: 'https://sts.amazonaws.com', isTyped: false, hosts });

  it('stand for one label each, and carry the login where they say so', () => {
    expect(rule('https://s3.eu-west-1.amazonaws.com/b?acl')).toEqual({ hasLogin: true, mayBePrivate: false });
    expect(rule('https://acme.files.example.com:8443/x').hasLogin).toBe(false);
  });

  it.each([
    'https://s3.amazonaws.com/',
    'https://s3.a.b.amazonaws.com/',
    'https://s3.eu-west-1.amazonaws.com.evil.com/',
    'https://s3.eu-west-1.amazonawsXcom/',
    'https://s3.evil.com#.amazonaws.com/',
    'https://s3.evil.com%2f.amazonaws.com/',
    'http://s3.eu-west-1.amazonaws.com/',
    'https://s3.eu-west-1.amazonaws.com:444/',
    'https://u:p@s3.eu-west-1.amazonaws.com/',
    'https://acme.files.example.com/',
  ])('do not stand for %s', (url) => {
    expect(() => rule(url)).toThrow(/only https:\/\/sts\.amazonaws\.com is asked/);
  });

  it.each(['{any}.com', 'example.{tld}', '{a}', 's3-{region}.example.com/x', 'a{b.example.com'])(
    'refuse %s, which could be anybody',
    (host) => {
      expect(() => egressRule({ base: 'https://a.example.com', isTyped: false, hosts: [host] })).toThrow();
    },
  );
});
