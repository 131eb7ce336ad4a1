import { SassyError } from '../../errors/sassy-error.ts';
import { readLimit } from '../../model/limit.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import type { RawStream } from '../../store/raw-stream.ts';
import { pointerReader } from '../../util/json-pointer.ts';

/**
 * Checks what is stored of a stream against what it must hold, before anything is read for a parser.
 * @throws SassyError EXPECTATION_FAILED
 */
export async function checkStored(definition: StreamDefinition, raw: RawStream): Promise<void> {
  const { name, expect } = definition;
  if (expect === undefined || raw.head === undefined) return;
  const listings = definition.cursor === undefined ? await completeListings(raw) : [];
  const [last, before] = listings;
  const found = last?.records ?? (definition.cursor === undefined ? undefined : (await raw.totals()).records);
  if (expect.minRecords !== undefined && found !== undefined && found < expect.minRecords) {
    const where = definition.cursor === undefined ? 'the last complete listing has' : 'there are';
    throw failed(name, `${where} ${found} records, at least ${expect.minRecords} are expected`);
  }
  const drop = expect.maxDrop === undefined ? undefined : readLimit(expect.maxDrop);
  if (
    drop !== undefined &&
    last !== undefined &&
    before !== undefined &&
    before.records - last.records > drop.of(before.records)
  ) {
    throw failed(
      name,
      `the last complete listing has ${last.records} records, the one before had ${before.records}: more than ${drop.text} fewer`,
    );
  }
}

/** Counts, for each record that is read, the fields that must be there. */
export interface RequiredFields {
  see(record: unknown): void;
  /** @throws SassyError EXPECTATION_FAILED */
  check(): void;
}

export function requiredFields(definition: StreamDefinition): RequiredFields | undefined {
  const { name, expect } = definition;
  if (expect?.required === undefined) return undefined;
  const shares = requiredShares(expect.required);
  const fields = shares.map(([field, share]) => ({
    field,
    read: pointerReader(field),
    share: typeof share === 'number' ? undefined : readLimit(share),
    number: Number(share),
    present: 0,
  }));
  let total = 0;
  return {
    see(record) {
      total += 1;
      for (const field of fields) {
        const value = field.read(record);
        if (value !== undefined && value !== null) field.present += 1;
      }
    },
    check() {
      for (const { field, share, number, present } of fields) {
        // Of the records that may lack it, so that 90 % of 3 records are all 3 of them.
        const least =
          share === undefined
            ? Math.min(number, total)
            : Math.ceil((total * Number.parseFloat(share.text)) / 100 - 1e-9);
        if (present >= least) continue;
        throw failed(name, `${field} is there in ${present} of ${total} records, at least ${least} are expected`);
      }
    },
  };
}

/** Pointers to the fields that must be there. */
export function requiredPaths({ expect }: StreamDefinition): readonly string[] {
  return expect?.required === undefined ? [] : requiredShares(expect.required).map(([field]) => field);
}

function requiredShares(
  required: NonNullable<NonNullable<StreamDefinition['expect']>['required']>,
): readonly (readonly [string, string | number])[] {
  return Array.isArray(required)
    ? required.map((field: string) => [field, '100%'] as const)
    : Object.entries<string | number>(Object.fromEntries(Object.entries(required)));
}

/** The newest two complete listings with what they hold, newest first. */
async function completeListings(
  raw: RawStream,
): Promise<readonly { readonly number: number; readonly records: number }[]> {
  const complete: number[] = [];
  const records = new Map<number, number>();
  for await (const commit of raw.commits({ order: 'newest' })) {
    const done = commit.state.listing?.complete;
    if (done !== undefined && !complete.includes(done)) complete.push(done);
    if (commit.listing !== undefined) records.set(commit.listing, (records.get(commit.listing) ?? 0) + commit.records);
    // The pages of the second one lie in the commits before the one that completed it.
    if (complete.length > 2) break;
  }
  return complete.slice(0, 2).map((number) => ({ number, records: records.get(number) ?? 0 }));
}

function failed(stream: string, what: string): SassyError {
  return new SassyError('EXPECTATION_FAILED', {
    message: `${stream}: ${what}`,
    fix: `look at it with sassy run <integration> show ${stream}; if it is right, correct \`expect\` in the stream`,
  });
}
