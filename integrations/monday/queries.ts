// Only fields that exist in 2026-10. Each query asks what it cost, so that the next one can wait for the budget
// (https://developer.monday.com/api-reference/reference/complexity).

const COST = 'complexity { before after query reset_in_x_seconds }';

export const ME = `query { ${COST} me { id name kind } }`;

/** https://developer.monday.com/api-reference/reference/boards */
export const BOARDS = `query ($limit: Int!, $page: Int!) { ${COST}
  boards(limit: $limit, page: $page) {
    id name description state type board_kind url items_count created_at updated_at workspace_id workspace { id name }
    columns { id title type description archived settings } groups { id title } owners { id }
  }
}`;

/** https://developer.monday.com/api-reference/reference/users: without `status` deactivated people are left out. */
export const USERS = `query ($limit: Int!, $page: Int!) { ${COST}
  users(limit: $limit, page: $page, status: [ACTIVE, INACTIVE, PENDING]) {
    id name email kind status is_deleted title created_at became_active_at last_activity url time_zone_identifier
  }
}`;

/** https://developer.monday.com/api-reference/reference/teams */
export const TEAMS = `query { ${COST} teams { id name is_guest created_at owners { id } users { id } } }`;

/** No display_value of mirrors and formulas: the API allows only so many of them a minute. */
const PAGE = `{
  cursor
  items {
    id name state url created_at updated_at creator_id board { id } group { id title } parent_item { id }
    column_values { id type text value column { title }
      ... on StatusValue { label is_done }
      ... on PeopleValue { persons_and_teams { id kind } }
      ... on TagsValue { tags { id name } }
      ... on DropdownValue { values { id label } }
    }
  }
}`;

/** https://developer.monday.com/api-reference/reference/items-page */
export function firstItems(since: string | undefined): string {
  return `query ($board: ID!, $limit: Int!, $query: ItemsQuery) { ${COST}${mark(since)}
  boards(ids: [$board]) { items_page(limit: $limit, query_params: $query) ${PAGE} }
}`;
}

/** The cursor holds board and filter; it lives for 60 minutes. */
export function nextItems(since: string | undefined): string {
  return `query ($cursor: String!, $limit: Int!) { ${COST}${mark(since)}
  next_items_page(cursor: $cursor, limit: $limit) ${PAGE}
}`;
}

/**
 * The API filters by whole days in the time zone of the token's user, so an answer holds more than was asked for. The
 * name of this field tells, in the answer itself, from when on its items count.
 */
function mark(since: string | undefined): string {
  return since === undefined ? '' : ` since_${since.replaceAll(/\D/g, '').slice(0, 14)}: __typename`;
}

/** The time that `mark` put into an answer's data, as ISO 8601; undefined where it asked for everything. */
export function markedSince(data: object): string | undefined {
  for (const name of Object.keys(data)) {
    const [, y, mo, d, h, mi, s] = /^since_(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(name) ?? [];
    if (s !== undefined) return `${y}-${mo}-${d}T${h}:${mi}:${s}.000Z`;
  }
  return undefined;
}
