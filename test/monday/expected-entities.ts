import type { MondayBoard, MondayItem, MondayUser } from '../emulators/monday/types.ts';

/** What the integration must make of the server's data, written down a second time and from the world's own words. */
export function expectedProject(board: MondayBoard): object {
  return {
    id: board.id,
    source: 'monday',
    name: board.name,
    kind: 'board',
    origin: 'monday',
    active: true,
    orgId: board.workspace_id,
    orgName: board.workspace?.name ?? null,
    file: null,
    branch: null,
    criticality: [],
    environment: [],
    lifecycle: [],
    tags: {},
    url: board.url,
    repository: null,
    createdAt: board.created_at,
  };
}

export function expectedWorkItem(item: MondayItem, board: MondayBoard): object {
  const titled = (title: string) => {
    const id = board.columns.find((column) => column.title === title)?.id;
    return item.column_values.find((value) => value.id === id);
  };
  const status = titled('Status');
  const tags = titled('Tags')?.tags?.map(({ name }) => name) ?? [];
  const areas = titled('Area')?.values?.map(({ label }) => label) ?? [];
  return {
    id: item.id,
    source: 'monday',
    key: titled('Item ID')?.text ?? item.id,
    title: item.name,
    kind: 'item',
    status: status?.text ?? null,
    done: status?.label === 'Done' || status?.label === 'Erledigt',
    priority: titled('Priority')?.text ?? null,
    projectId: board.id,
    assigneeId: titled('Owner')?.persons_and_teams?.find(({ kind }) => kind === 'person')?.id ?? null,
    description: titled('Description')?.text || null,
    labels: [...tags, ...areas],
    cves: [],
    url: item.url,
    createdAt: item.created_at,
    updatedAt: item.updated_at,
  };
}

export function expectedPerson(user: MondayUser): object {
  const { id, name, email, kind, status } = user;
  return { id, source: 'monday', name, email, active: status === 'ACTIVE', kind };
}
