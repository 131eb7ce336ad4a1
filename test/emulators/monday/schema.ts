/** `leaf`, or the type of the object or list of objects that a field gives. */
type FieldTypes = Readonly<Record<string, string>>;

function leaves(...names: readonly string[]): FieldTypes {
  return Object.fromEntries(names.map((name) => [name, 'leaf']));
}

const COLUMN_VALUE = { ...leaves('id', 'type', 'text', 'value', 'is_leaf'), column: 'Column' };

/** The part of the published schema of 2026-10 that is served; a field that is not here is refused as the API does. */
export const TYPES: Readonly<Record<string, FieldTypes>> = {
  Query: {
    boards: 'Board',
    users: 'User',
    teams: 'Team',
    me: 'User',
    complexity: 'Complexity',
    next_items_page: 'ItemsResponse',
  },
  Complexity: leaves('before', 'after', 'query', 'reset_in_x_seconds'),
  Board: {
    ...leaves('id', 'name', 'description', 'state', 'type', 'board_kind', 'url', 'items_count', 'created_at'),
    ...leaves('updated_at', 'workspace_id', 'permissions', 'item_terminology'),
    workspace: 'Workspace',
    columns: 'Column',
    groups: 'Group',
    owners: 'User',
    items_page: 'ItemsResponse',
  },
  Workspace: leaves('id', 'name', 'kind'),
  Column: leaves('id', 'title', 'type', 'description', 'archived', 'settings', 'settings_str', 'width', 'revision'),
  Group: leaves('id', 'title', 'color', 'archived', 'deleted', 'position'),
  ItemsResponse: { cursor: 'leaf', items: 'Item' },
  Item: {
    ...leaves('id', 'name', 'state', 'url', 'created_at', 'updated_at', 'creator_id', 'email', 'relative_link'),
    board: 'Board',
    group: 'Group',
    parent_item: 'Item',
    column_values: 'ColumnValue',
  },
  ColumnValue: COLUMN_VALUE,
  StatusValue: { ...COLUMN_VALUE, ...leaves('label', 'is_done', 'index', 'updated_at', 'update_id') },
  PeopleValue: { ...COLUMN_VALUE, persons_and_teams: 'PeopleEntity', updated_at: 'leaf' },
  PeopleEntity: leaves('id', 'kind'),
  TagsValue: { ...COLUMN_VALUE, tag_ids: 'leaf', tags: 'Tag' },
  Tag: leaves('id', 'name', 'color'),
  DropdownValue: { ...COLUMN_VALUE, values: 'DropdownValueOption' },
  DropdownValueOption: leaves('id', 'label'),
  LongTextValue: { ...COLUMN_VALUE, updated_at: 'leaf' },
  User: {
    ...leaves('id', 'name', 'email', 'kind', 'status', 'is_deleted', 'title', 'created_at', 'became_active_at'),
    ...leaves('last_activity', 'url', 'time_zone_identifier', 'utc_hours_diff', 'account_id', 'phone', 'location'),
    teams: 'Team',
  },
  Team: { ...leaves('id', 'name', 'is_guest', 'created_at', 'picture_url'), owners: 'User', users: 'User' },
};

export const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  'Query.boards': ['ids', 'limit', 'page', 'state', 'order_by', 'board_kind', 'workspace_ids'],
  'Query.users': ['ids', 'limit', 'page', 'status', 'kind', 'non_active', 'emails', 'name', 'newest_first'],
  'Query.teams': ['ids'],
  'Query.next_items_page': ['cursor', 'limit'],
  'Board.items_page': ['cursor', 'limit', 'query_params', 'hierarchy_scope_config'],
  'Item.column_values': ['ids', 'types'],
};
