import type { StreamDefinition } from '../../model/stream.ts';
import type { SliceSource } from '../../model/slice-source.ts';
import { spanText } from './flow-text.ts';

/** What a stream is read for each of, in words: `for each of orgs, in windows of 30 days`. Empty for the whole. */
export function slicesText({ slices, windows }: StreamDefinition): string {
  const span = windows === undefined ? [] : [`in windows of ${spanText(windows.sizeMs)}`];
  return [...partsOf(slices), ...span].join(', ');
}

function partsOf(slices: SliceSource): readonly string[] {
  if (slices.kind === 'whole') return [];
  if (slices.kind === 'each') return [`for each of ${slices.parent}`];
  if (slices.kind === 'config') return ['for each slice of the config'];
  if (slices.kind === 'list') return [`for each of ${slices.slices.length} slices`];
  return slices.factors.flatMap(partsOf);
}
