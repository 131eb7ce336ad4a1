import { describe, expect, it } from 'vitest';
import { plainText } from '../../integrations/jira/adf.ts';
import { toPerson, toProject, toWorkItem } from '../../integrations/jira/mapping.ts';
import { asAnswered } from '../../integrations/jira/paging.ts';
import { Issue, JiraProject, JiraUser } from '../../integrations/jira/schema.ts';
import { jqlMinute, utcTime } from '../../integrations/jira/time.ts';
import { Person, Project, WorkItem } from '../../integrations/_domain/security.ts';

describe('plain text of a description', () => {
  it.each([
    undefined,
    null,
    '',
    '  ',
    7,
    [],
    {},
    { type: 'doc' },
    { type: 'doc', content: [null, 3, { content: 'x' }] },
  ])('none: %j', (value) => expect(plainText(value)).toBeNull());

  it('wiki text stays, nested lists are moved in, and depth does no harm', () => {
    expect(plainText('h1. *Hi*\n{code}x{code}')).toBe('h1. *Hi*\n{code}x{code}');
    const item = (...content: readonly object[]) => ({ type: 'listItem', content });
    const line = (text: string) => ({ type: 'paragraph', content: [{ type: 'text', text }] });
    const inner = { type: 'orderedList', content: [item(line('b'))] };
    expect(plainText({ type: 'bulletList', content: [item(line('a'), inner), item(line('c'))] })).toBe(
      '- a\n  1. b\n- c',
    );
    let deep: object = line('bottom');
    for (let depth = 0; depth < 20_000; depth += 1) deep = { type: 'panel', content: [deep] };
    expect(plainText(deep)).toBeNull();
  });
});

describe('times', () => {
  it.each([
    ['2022-06-09T16:29:32.382-0700', '2022-06-09T23:29:32.382Z'],
    ['2011-12-15T15:35:06.000+1300', '2011-12-15T02:35:06.000Z'],
    ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'],
    ['2026-01-01', null],
    ['yesterday', null],
    [null, null],
  ])('%j is %j', (text, expected) => expect(utcTime(text)).toBe(expected));

  it.each([
    ['2026-11-22T12:00:00.001Z', 'America/New_York', '2026-11-22 07:00'],
    ['2026-11-22T12:00:30.000Z', 'America/New_York', '2026-11-22 07:00'],
    ['2026-11-22T23:59:59.500Z', 'Asia/Kolkata', '2026-11-23 05:29'],
    // 01:30 is told twice that night: the bound goes back to before the first of them.
    ['2026-11-01T05:30:00.000Z', 'America/New_York', '2026-11-01 00:30'],
    ['2026-11-22T12:00:00.000Z', undefined, '2026-11-22 00:00'],
    ['2026-11-22T12:00:00.000Z', 'Mars/Olympus', '2026-11-22 00:00'],
  ])('%s is read by JQL in %s as %s', (since, zone, expected) => expect(jqlMinute(since, zone)).toBe(expected));
});

describe('pages', () => {
  const request = { path: '/x', query: { startAt: 0, maxResults: 2 } };
  const page = (json: unknown, recordCount: number, from: object = request) =>
    asAnswered.next({ request: { path: '/x', ...from }, url: 'https://h/x', headers: {}, json, recordCount });

  it('ends where the answer says so', () => {
    expect(page({ isLast: true, nextPageToken: 'x' }, 2)).toBeUndefined();
    expect(page({ issues: [] }, 0)).toBeUndefined();
    expect(page([{}, {}], 2)).toBeUndefined();
    expect(page({ startAt: 0, maxResults: 50, total: 24 }, 24)).toBeUndefined();
    expect(page({ startAt: 20, total: 24 }, 0)).toBeUndefined();
  });

  it('goes on by what came', () => {
    expect(page({ nextPageToken: 'abc', isLast: false }, 2)?.query?.['nextPageToken']).toBe('abc');
    expect(page({ startAt: 4, total: 9 }, 1)?.query?.['startAt']).toBe(5);
    expect(page({ isLast: false }, 2)?.query?.['startAt']).toBe(2);
  });

  it('does not take a promise of more without a way there for the end, nor a list that shrinks', () => {
    expect(() => page({ isLast: false }, 2, {})).toThrow(/more pages/);
    const next = page({ startAt: 0, total: 9 }, 2);
    expect(() => page({ startAt: 2, total: 8 }, 2, next)).toThrow(/lost records/);
  });
});

describe('odd records', () => {
  it('need a key alone', () => {
    const issue = Issue.parse({ id: 1, fields: { updated: '2026-01-01T00:00:00.000+0000' } });
    expect(WorkItem.parse(toWorkItem(issue))).toMatchObject({
      id: '1',
      key: '1',
      title: '1',
      done: false,
      projectId: null,
    });
    expect(Project.parse(toProject(JiraProject.parse({ id: '7' })))).toMatchObject({
      name: '7',
      kind: 'project',
      url: null,
    });
    const user = { accountId: '', key: 'JIRAUSER1', emailAddress: '' };
    expect(Person.parse(toPerson(JiraUser.parse(user)))).toMatchObject({ id: 'JIRAUSER1', email: null, active: true });
    expect(JiraUser.safeParse({ displayName: 'Nobody' }).success).toBe(false);
  });

  it('before Jira 6.2 what has a resolution is done', () => {
    const fields = {
      updated: '2011-12-15T15:35:06.000+1300',
      status: { name: 'Closed' },
      resolution: { name: 'Fixed' },
    };
    expect(toWorkItem(Issue.parse({ id: '1', fields })).done).toBe(true);
  });
});
