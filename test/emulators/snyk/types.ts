/** The JSON:API resources of Snyk's REST API, as far as the emulator serves them. */

export type SnykSeverity = 'info' | 'low' | 'medium' | 'high' | 'critical';
export type SnykIssueType = 'package_vulnerability' | 'license' | 'cloud' | 'code' | 'custom' | 'config';
type SnykIssueStatus = 'open' | 'resolved';
type SnykScanItemType = 'project' | 'environment';

export interface SnykReference {
  data: { id: string; type: string };
  links: { related: string };
}

export interface SnykGroup {
  id: string;
  type: 'group';
  attributes: { name: string };
}

export interface SnykOrg {
  id: string;
  type: 'org';
  attributes: {
    access_requests_enabled: boolean;
    created_at: string;
    /** Absent on personal organisations, which belong to no group. */
    group_id?: string;
    is_personal: boolean;
    name: string;
    slug: string;
    updated_at: string;
  };
  relationships: { member_role: { data: { id: string; type: 'org_role' } } };
}

/** Of a user in an organisation or in a group; a user of several has one of each. */
export interface SnykMembership {
  id: string;
  type: 'org_membership' | 'group_membership';
  attributes: { created_at: string };
  relationships: {
    org?: SnykNamed<'org'>;
    group?: SnykNamed<'group'>;
    role: SnykNamed<'org_role' | 'group_role'>;
    user: {
      data: { id: string; type: 'user'; attributes: { name: string; username: string; email: string } };
    };
  };
}

interface SnykNamed<Type extends string> {
  data: { id: string; type: Type; attributes: { name: string } };
}

export interface SnykTarget {
  id: string;
  type: 'target';
  attributes: { created_at: string; display_name: string; is_private: boolean; url: string | null };
  relationships: {
    integration: { data: { id: string; type: 'integration'; attributes: { integration_type: string } } };
    organization: { data: { id: string; type: 'organization' } };
  };
}

export interface SnykProject {
  id: string;
  type: 'project';
  meta: { cli_monitored_at?: string | null };
  attributes: {
    build_args?: { platform: string };
    business_criticality: string[];
    created: string;
    environment: string[];
    lifecycle: string[];
    name: string;
    origin: string;
    read_only: boolean;
    settings: {
      recurring_tests: { frequency: 'daily' | 'weekly' | 'never' };
      pull_requests: { fail_only_for_issues_with_fix?: boolean; is_enabled?: boolean; policy?: 'all' | 'only_new' };
    };
    status: 'active' | 'inactive';
    tags: { key: string; value: string }[];
    target_file: string;
    target_reference: string;
    type: string;
  };
  relationships: { importer?: SnykReference; organization: SnykReference; target: SnykReference };
}

interface SnykRegion {
  end: { column: number; line: number };
  start: { column: number; line: number };
}

export type SnykRepresentation =
  | { dependency: { package_name: string; package_version: string } }
  | { sourceLocation: { commit_id: string; file: string; region: SnykRegion } }
  | { resourcePath: string }
  | { cloud_resource: SnykCloudResource };

export interface SnykCloudResource {
  environment: { id: string; name: string; native_id: string; type: 'aws' | 'google' };
  resource: {
    id: string;
    input_type: 'cloud_scan';
    location: string;
    name: string;
    native_id: string;
    platform: string;
    resource_type: string;
    tags: Record<string, string>;
    type: 'cloud';
  };
}

interface SnykRemedy {
  correlation_id?: string;
  description?: string;
  meta?: { data: Record<string, unknown>; schema_version: string };
  type: 'indeterminate' | 'manual' | 'automated' | 'rule_result_message' | 'terraform' | 'cloudformation';
}

export interface SnykCoordinate {
  is_fixable_manually: boolean;
  is_fixable_snyk: boolean;
  is_fixable_upstream: boolean;
  is_patchable?: boolean;
  is_pinnable?: boolean;
  is_upgradeable?: boolean;
  last_introduced_at?: string;
  reachability?: 'function' | 'package' | 'no-info' | 'not-applicable';
  remedies?: SnykRemedy[];
  representations: SnykRepresentation[];
  state?: SnykIssueStatus;
}

export interface SnykProblem {
  disclosed_at?: string;
  discovered_at?: string;
  id: string;
  source: string;
  type: 'rule' | 'vulnerability';
  updated_at?: string;
  url?: string;
}

export interface SnykIssue {
  id: string;
  type: 'issue';
  attributes: {
    classes?: { id: string; source: string; type: 'rule-category' | 'compliance' | 'weakness' }[];
    coordinates?: SnykCoordinate[];
    created_at: string;
    description?: string;
    effective_severity_level: SnykSeverity;
    exploit_details?: { maturity_levels: { format: string; level: string }[]; sources: string[] };
    ignored: boolean;
    key: string;
    key_asset?: string;
    problems?: SnykProblem[];
    resolution?: { details?: string; resolved_at: string; type: 'disappeared' | 'fixed' };
    risk?: {
      factors: { included_in_score: boolean; name: string; updated_at: string; value: boolean }[];
      score: { model: string; updated_at?: string; value: number };
    };
    severities?: {
      level: string;
      modification_time: string;
      score: number;
      source: string;
      vector: string;
      version: string;
    }[];
    status: SnykIssueStatus;
    title: string;
    tool?: string;
    type: SnykIssueType;
    updated_at: string;
  };
  relationships: {
    ignore?: { data: { id: string; type: 'ignore' } };
    organization: { data: { id: string; type: 'organization' }; links: { related: string } };
    scan_item: { data: { id: string; type: SnykScanItemType }; links: { related: string } };
    test_executions?: { data: { id: string; type: 'test-workflow-execution' | 'custom-execution' }[] };
  };
}
