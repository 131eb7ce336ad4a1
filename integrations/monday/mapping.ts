import { CVE, idsIn, timeIn } from '../_domain/mapping.ts';
import type { Person, Project, WorkItem } from '../_domain/security.ts';
import { isObject } from './answer.ts';
import type { Board, ColumnValue, Item, User } from './schema.ts';

const DONE = /^(done|completed?|closed|resolved|fixed|finished|shipped|deployed|cancell?ed|won'?t (do|fix))\b/i;

export function toProject(board: Board): Project {
  const { id, name, state, type, workspace, workspace_id } = board;
  const orgId = workspace?.id ?? workspace_id;
  return {
    id: String(id),
    source: 'monday',
    name: name ?? String(id),
    kind: type ?? 'board',
    origin: 'monday',
    active: (state ?? 'active') === 'active',
    orgId: idOf(orgId),
    orgName: workspace?.name ?? null,
    file: null,
    branch: null,
    criticality: [],
    environment: [],
    lifecycle: [],
    tags: {},
    url: board.url ?? null,
    repository: null,
    createdAt: timeIn(board.created_at) ?? null,
  };
}

export function toPerson(user: User): Person {
  return {
    id: String(user.id),
    source: 'monday',
    name: user.name ?? user.email ?? String(user.id),
    email: user.email ?? null,
    active: isActive(user),
    kind: kindOf(user),
  };
}

export function toWorkItem(item: Item): WorkItem {
  const cells = (item.column_values ?? []).flatMap((value) => (value === null ? [] : [cellOf(value)]));
  const state = item.state ?? 'active';
  const statuses = cells.filter(({ type }) => type === 'status');
  const priority = statuses.find(({ label }) => /priority|severity|urgency/.test(label));
  const others = statuses.filter((cell) => cell !== priority);
  const status = others.find(({ label }) => /\b(status|state|stage|phase)\b/.test(label)) ?? others[0];
  const statusText = status === undefined ? null : textOf(status.value);
  const description = descriptionOf(cells);
  const labels = [...new Set(cells.flatMap(labelsOf))];
  return {
    id: String(item.id),
    source: 'monday',
    key: first(cells, 'item_id') ?? String(item.id),
    title: item.name ?? String(item.id),
    kind: item.parent_item === undefined || item.parent_item === null ? 'item' : 'subitem',
    status: statusText,
    done: (status?.value.is_done ?? DONE.test(statusText ?? '')) || state === 'archived' || state === 'deleted',
    priority: priority === undefined ? null : textOf(priority.value),
    projectId: idOf(item.board?.id),
    assigneeId: assigneeOf(cells),
    description,
    labels,
    cves: idsIn([item.name, description, ...labels], CVE),
    url: item.url ?? null,
    createdAt: timeIn(item.created_at) ?? null,
    updatedAt: timeIn(item.updated_at) ?? null,
  };
}

interface Cell {
  readonly value: ColumnValue;
  /** In today's words: `status`, `people`, `long_text`, … */
  readonly type: string;
  /** Id and title, lower case, words apart: what people call the column. Both are a matter of each board. */
  readonly label: string;
}

function cellOf(value: ColumnValue): Cell {
  const title = value.column?.title ?? value.title ?? '';
  const type = typeOf(value.type ?? value.column?.type ?? value.id);
  return { value, type, label: `${value.id} ${title}`.toLowerCase().replaceAll('_', ' ') };
}

/** Types had other names before 2023-10; where none is told, the id that monday gave the column begins with it. */
function typeOf(type: string): string {
  const name = type.toLowerCase().replaceAll('-', '_');
  if (/^(status|color(?!_picker)|priority)/.test(name)) return 'status';
  if (/^(people|person|multiple_person)/.test(name)) return 'people';
  return (
    ['long_text', 'dropdown', 'item_id', 'doc'].find((known) => name.startsWith(known)) ??
    (/^tags?(_|\d|$)/.test(name) ? 'tags' : name)
  );
}

function assigneeOf(cells: readonly Cell[]): string | null {
  const people = cells.filter(({ type }) => type === 'people').map(({ value }) => personIn(value));
  return people.find((id) => id !== null) ?? null;
}

/** The first person; a team is not one. */
function personIn({ persons_and_teams, value }: ColumnValue): string | null {
  const raw = jsonOf(value);
  const listed = persons_and_teams ?? (Array.isArray(raw['personsAndTeams']) ? raw['personsAndTeams'] : []);
  const person = listed.find((entry: unknown) => isObject(entry) && entry['kind'] !== 'team');
  return isObject(person) ? idOf(person['id']) : idOf(raw['personId']);
}

function descriptionOf(cells: readonly Cell[]): string | null {
  const written = cells.filter(({ type, value }) => (type === 'long_text' || type === 'doc') && textOf(value) !== null);
  const named = written.find(({ label }) => /description|details|summary/.test(label));
  const found = named ?? written.find(({ type }) => type === 'long_text') ?? written[0];
  return found === undefined ? null : textOf(found.value);
}

function labelsOf({ type, value }: Cell): readonly string[] {
  if (type !== 'tags' && type !== 'dropdown') return [];
  const named = type === 'tags' ? value.tags?.map((tag) => tag?.name) : value.values?.map((option) => option?.label);
  const names = named ?? (value.text ?? '').split(',').map((name) => name.trim());
  return names.filter((name): name is string => typeof name === 'string' && name !== '');
}

function first(cells: readonly Cell[], type: string): string | null {
  const found = cells.find((cell) => cell.type === type);
  return found === undefined ? null : textOf(found.value);
}

function textOf({ text, label, value }: ColumnValue): string | null {
  const raw = jsonOf(value)['text'];
  return [text, label, raw].find((found): found is string => typeof found === 'string' && found !== '') ?? null;
}

function jsonOf(value: unknown): Readonly<Record<string, unknown>> {
  if (isObject(value)) return value;
  if (typeof value !== 'string') return {};
  try {
    const read: unknown = JSON.parse(value);
    return isObject(read) ? read : {};
  } catch {
    return {};
  }
}

function isActive({ status, enabled, is_deleted, is_pending }: User): boolean {
  if (status !== undefined && status !== null) return status.toUpperCase() === 'ACTIVE' && is_deleted !== true;
  return enabled !== false && is_deleted !== true && is_pending !== true;
}

function kindOf({ kind, is_admin, is_guest, is_view_only }: User): string {
  if (typeof kind === 'string' && kind !== '') return kind;
  if (is_admin === true) return 'admin';
  if (is_guest === true) return 'guest';
  return is_view_only === true ? 'viewer' : 'member';
}

function idOf(id: unknown): string | null {
  return typeof id === 'number' || (typeof id === 'string' && id !== '') ? String(id) : null;
}
