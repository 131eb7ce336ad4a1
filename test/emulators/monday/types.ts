export interface MondayColumn {
  readonly id: string;
  readonly title: string;
  readonly type: string;
  readonly description: string | null;
  readonly archived: boolean;
  readonly settings: object;
}

export interface MondayBoard {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly state: 'active' | 'archived' | 'deleted';
  readonly type: 'board' | 'sub_items_board';
  readonly board_kind: 'public' | 'private' | 'share';
  readonly url: string;
  readonly items_count: number;
  readonly created_at: string;
  readonly updated_at: string;
  readonly workspace_id: string | null;
  readonly workspace: { readonly id: string; readonly name: string } | null;
  readonly columns: readonly MondayColumn[];
  readonly groups: readonly { readonly id: string; readonly title: string }[];
  readonly owners: readonly { readonly id: string }[];
}

export interface MondayColumnValue {
  readonly __typename: string;
  readonly id: string;
  readonly type: string;
  readonly text: string | null;
  readonly value: string | null;
  readonly column: { readonly id: string; readonly title: string; readonly type: string };
  readonly label?: string | null;
  readonly is_done?: boolean | null;
  readonly persons_and_teams?: readonly { readonly id: string; readonly kind: 'person' | 'team' }[];
  readonly tags?: readonly { readonly id: string; readonly name: string }[];
  readonly values?: readonly { readonly id: string; readonly label: string }[];
}

export interface MondayItem {
  readonly id: string;
  readonly name: string;
  readonly state: 'active' | 'archived' | 'deleted';
  readonly url: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly creator_id: string;
  readonly board: { readonly id: string };
  readonly group: { readonly id: string; readonly title: string };
  readonly parent_item: { readonly id: string } | null;
  readonly column_values: readonly MondayColumnValue[];
}

export interface MondayUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly kind: string;
  readonly status: 'ACTIVE' | 'INACTIVE' | 'PENDING';
  readonly is_deleted: boolean;
  readonly title: string;
  readonly created_at: string;
  readonly became_active_at: string | null;
  readonly last_activity: string | null;
  readonly url: string;
  readonly time_zone_identifier: string;
}

export interface MondayTeam {
  readonly id: string;
  readonly name: string;
  readonly is_guest: boolean;
  readonly created_at: string;
  readonly owners: readonly { readonly id: string }[];
  readonly users: readonly { readonly id: string }[];
}
