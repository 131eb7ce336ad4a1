/** `integration.ts:41`: the first line of a stack that lies in an integration; undefined where none does. */
export function integrationPlace(stack: string | undefined): string | undefined {
  const line = (stack ?? '').split('\n').find((text) => /[/\\]integrations[/\\]/.test(text));
  const match = /([^\s(/\\?]+\.[cm]?[jt]s)(?:\?[^:\s)]*)?:(\d+):\d+/.exec(line ?? '');
  return match === null ? undefined : `${match[1] ?? ''}:${match[2] ?? ''}`;
}
