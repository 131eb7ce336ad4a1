import type { SeededRandom } from '../_kit/seeded-random.ts';
import type { SnykIssue, SnykSeverity } from './types.ts';

type Attributes = SnykIssue['attributes'];
type Optional =
  | 'classes'
  | 'coordinates'
  | 'description'
  | 'exploit_details'
  | 'key_asset'
  | 'problems'
  | 'risk'
  | 'severities'
  | 'tool';

/** What depends on the type of an issue. */
export type IssueDetails = Pick<Attributes, 'effective_severity_level' | 'key' | 'title'> &
  Partial<Pick<Attributes, Optional>>;

const base: Readonly<Record<SnykSeverity, number>> = { info: 20, low: 150, medium: 380, high: 580, critical: 780 };
const factorNames = ['deployed', 'os_condition', 'public_facing', 'loaded_package'] as const;

/** A risk score near what the severity suggests; most issues have no factors, as in recorded answers. */
export function riskOf(random: SeededRandom, severity: SnykSeverity, at: number): NonNullable<Attributes['risk']> {
  const names = random.chance(0.3) ? random.sample(factorNames, random.int(1, 3)) : [];
  return {
    factors: names.map((name) => ({
      included_in_score: random.chance(0.5),
      name,
      updated_at: new Date(at).toISOString(),
      value: random.chance(0.6),
    })),
    score: { model: 'v1', value: base[severity] + random.int(0, 199) },
  };
}

/** Snyk's database writes microseconds without trailing zeros, where issues have milliseconds. */
export function microseconds(time: number, random: SeededRandom): string {
  const iso = new Date(time).toISOString();
  const fraction = `${iso.slice(20, 23)}${String(random.int(1, 999)).padStart(3, '0')}`;
  return `${iso.slice(0, 19)}.${fraction.replace(/0+$/, '')}Z`;
}
