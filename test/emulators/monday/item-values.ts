import type { SeededRandom } from '../_kit/seeded-random.ts';
import type { MondayColumn, MondayColumnValue, MondayTeam, MondayUser } from './types.ts';

const STATUSES = [
  { label: 'Working on it', is_done: false, index: 0 },
  { label: 'Done', is_done: true, index: 1 },
  { label: 'Stuck', is_done: false, index: 2 },
  { label: 'Erledigt', is_done: true, index: 3 },
];
const PRIORITIES = ['Critical ⚠️️', 'High', 'Medium', 'Low'];
const TAGS = [
  { id: '1', name: 'pci' },
  { id: '2', name: 'customer' },
  { id: '3', name: 'audit' },
];
const AREAS = [
  { id: '1', label: 'Backend' },
  { id: '2', label: 'Build, test' },
  { id: '3', label: 'Infra' },
];
const TEXTS = ['Ask first.\nThen do it.', 'See "the runbook" — page 4', '日本語のメモ', 'x'.repeat(400)];

/** A value for each column but the name, some of them empty; `value` is JSON as text, as the API sends it. */
export function itemValues(
  columns: readonly MondayColumn[],
  people: { readonly users: readonly MondayUser[]; readonly teams: readonly MondayTeam[] },
  random: SeededRandom,
): readonly MondayColumnValue[] {
  return columns
    .filter(({ type }) => type !== 'name')
    .map(({ id, title, type }): MondayColumnValue => {
      const base = { id, type, column: { id, title, type } };
      const isEmpty = random.chance(0.2);
      switch (type) {
        case 'people':
          return { ...base, __typename: 'PeopleValue', ...peopleValue(isEmpty, people, random) };
        case 'status': {
          if (isEmpty)
            return { ...base, __typename: 'StatusValue', text: null, value: null, label: null, is_done: null };
          const index = random.int(0, 3);
          const found =
            title === 'Priority' ? { label: PRIORITIES[index] ?? '', is_done: false, index } : random.pick(STATUSES);
          const value = JSON.stringify({ index: found.index, post_id: null, changed_at: '2026-10-09T12:16:21.130Z' });
          return {
            ...base,
            __typename: 'StatusValue',
            text: found.label,
            value,
            label: found.label,
            is_done: found.is_done,
          };
        }
        case 'tags': {
          const tags = isEmpty ? [] : random.sample(TAGS, random.int(1, 2));
          const value = isEmpty ? null : JSON.stringify({ tag_ids: tags.map((tag) => Number(tag.id)) });
          return { ...base, __typename: 'TagsValue', text: tags.map(({ name }) => name).join(', '), value, tags };
        }
        case 'dropdown': {
          const values = isEmpty ? [] : random.sample(AREAS, random.int(1, 2));
          const value = isEmpty ? null : JSON.stringify({ ids: values.map((option) => Number(option.id)) });
          const text = isEmpty ? null : values.map(({ label }) => label).join(', ');
          return { ...base, __typename: 'DropdownValue', text, value, values };
        }
        case 'long_text': {
          const text = isEmpty ? '' : random.pick(TEXTS);
          return { ...base, __typename: 'LongTextValue', text, value: isEmpty ? null : JSON.stringify({ text }) };
        }
        case 'item_id': {
          const text = `SEC-${random.int(1, 99_999)}`;
          return { ...base, __typename: 'ItemIdValue', text, value: JSON.stringify({ item_id: text }) };
        }
        default: {
          const text = isEmpty ? '' : String(random.int(1, 40));
          return { ...base, __typename: 'NumbersValue', text, value: isEmpty ? null : JSON.stringify(text) };
        }
      }
    });
}

function peopleValue(
  isEmpty: boolean,
  { users, teams }: { readonly users: readonly MondayUser[]; readonly teams: readonly MondayTeam[] },
  random: SeededRandom,
): Pick<MondayColumnValue, 'text' | 'value' | 'persons_and_teams'> {
  if (isEmpty) return { text: '', value: null, persons_and_teams: [] };
  const team = random.chance(0.3) && teams.length > 0 ? [random.pick(teams)] : [];
  const person = team.length === 0 || random.chance(0.5) ? [random.pick(users)] : [];
  const listed = [
    ...team.map(({ id }) => ({ id, kind: 'team' as const })),
    ...person.map(({ id }) => ({ id, kind: 'person' as const })),
  ];
  const value = JSON.stringify({ personsAndTeams: listed.map(({ id, kind }) => ({ id: Number(id), kind })) });
  return { text: [...team, ...person].map(({ name }) => name).join(', '), value, persons_and_teams: listed };
}
