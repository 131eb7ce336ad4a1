/** The resources of GitHub's REST API as the emulator serves them; the published schemas have many more links in them. */
export interface GithubAccount {
  readonly login: string;
  readonly id: number;
  readonly node_id: string;
  readonly avatar_url: string;
  readonly url: string;
  readonly html_url: string;
  readonly type: 'User' | 'Organization' | 'Bot';
  readonly site_admin: boolean;
}

export interface GithubRepository {
  readonly id: number;
  readonly node_id: string;
  readonly name: string;
  readonly full_name: string;
  readonly private: boolean;
  readonly owner: GithubAccount;
  readonly html_url: string;
  readonly description: string | null;
  readonly fork: boolean;
  readonly url: string;
  readonly created_at: string | null;
  readonly updated_at: string;
  readonly pushed_at: string | null;
  readonly language: string | null;
  readonly archived: boolean;
  readonly disabled: boolean;
  readonly topics?: readonly string[];
  readonly visibility: 'public' | 'private' | 'internal';
  readonly default_branch: string;
  readonly custom_properties?: Readonly<Record<string, string | readonly string[] | null>>;
  /** Not with 2026-03-10. */
  readonly has_downloads?: boolean;
}

export interface GithubAlert {
  readonly number: number;
  readonly url: string;
  readonly html_url: string;
  readonly created_at: string;
  readonly updated_at?: string | null;
  readonly state: string;
}

export interface GithubDependabotAlert extends GithubAlert {
  readonly state: 'open' | 'fixed' | 'dismissed' | 'auto_dismissed';
  readonly updated_at: string;
  readonly dependency: {
    readonly package: { readonly ecosystem: string; readonly name: string };
    readonly manifest_path: string;
    readonly scope: 'runtime' | 'development' | null;
    readonly relationship?: string;
  };
  readonly security_advisory: GithubAdvisory;
  readonly security_vulnerability: GithubVulnerability;
  readonly dismissed_at: string | null;
  readonly dismissed_by: GithubAccount | null;
  readonly dismissed_reason: string | null;
  readonly dismissed_comment: string | null;
  readonly fixed_at: string | null;
  readonly auto_dismissed_at: string | null;
}

interface GithubScore {
  readonly vector_string: string | null;
  readonly score: number;
}

interface GithubAdvisory {
  readonly ghsa_id: string;
  readonly cve_id: string | null;
  readonly summary: string;
  readonly description: string;
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
  readonly identifiers: readonly { readonly value: string; readonly type: 'CVE' | 'GHSA' }[];
  readonly references: readonly { readonly url: string }[];
  readonly published_at: string;
  readonly updated_at: string;
  readonly withdrawn_at: string | null;
  readonly vulnerabilities: readonly GithubVulnerability[];
  /** Not with 2026-03-10. */
  readonly cvss?: GithubScore;
  readonly cvss_severities: { readonly cvss_v3: GithubScore | null; readonly cvss_v4: GithubScore | null };
  readonly cwes: readonly { readonly cwe_id: string; readonly name: string }[];
}

interface GithubVulnerability {
  readonly package: { readonly ecosystem: string; readonly name: string };
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
  readonly vulnerable_version_range: string;
  readonly first_patched_version: { readonly identifier: string } | null;
}

export interface GithubCodeScanningAlert extends GithubAlert {
  readonly state: 'open' | 'fixed' | 'dismissed';
  readonly instances_url: string;
  readonly fixed_at: string | null;
  readonly dismissed_at: string | null;
  readonly dismissed_by: GithubAccount | null;
  readonly dismissed_reason: string | null;
  readonly dismissed_comment: string | null;
  readonly rule: {
    readonly id: string | null;
    readonly name: string;
    readonly description: string;
    readonly severity: 'none' | 'note' | 'warning' | 'error' | null;
    readonly security_severity_level?: 'low' | 'medium' | 'high' | 'critical' | null;
    readonly tags: readonly string[] | null;
  };
  readonly tool: { readonly name: string; readonly guid: null; readonly version: string | null };
  readonly most_recent_instance: Readonly<Record<string, unknown>>;
}

export interface GithubSecretScanningAlert extends GithubAlert {
  readonly state: 'open' | 'resolved';
  readonly locations_url: string;
  readonly resolution: string | null;
  readonly resolved_at: string | null;
  readonly resolved_by: GithubAccount | null;
  readonly secret_type: string;
  readonly secret_type_display_name: string;
  /** Left out when `hide_secret` is asked for, as GitHub masks it then. */
  readonly secret: string;
  readonly validity: 'active' | 'inactive' | 'unknown';
  readonly publicly_leaked: boolean | null;
}
