import type { StoredPage } from '../../model/page.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import { isObject } from '../../util/json.ts';
import { editedJson, type JsonNode, jsonTree, nodeAt } from '../../util/json-tree.ts';
import { jsonTextOf } from '../dataset/page-records.ts';

/**
 * A page's JSON text without some of its records, by their places in the selection; texts around the records that `blank`
 * finds (page tokens, links) are blanked. Undefined when it cannot be said what to cut: the body is no JSON, or the stream's
 * selection makes its records of things that stand in several places.
 */
export function withoutRecords(
  definition: StreamDefinition,
  page: StoredPage,
  indexes: readonly number[],
  blank?: RegExp,
): string | undefined {
  const text = jsonTextOf(definition, page);
  if (text === undefined) return undefined;
  const root = jsonTree(text);
  const pointer = definition.source.recordsPointer;
  const nodes = pointer === undefined ? selected(root, definition, page) : itemsOf(nodeAt(root, pointer));
  const gone = indexes.flatMap((index) => nodes[index] ?? []).filter((node) => node !== root);
  if (gone.length < indexes.length) return undefined;
  const records = new Set(nodes.filter((node) => node !== undefined));
  // Where a record could not be found, what stands around it could be a part of it.
  const around = blank === undefined || nodes.includes(undefined) ? [] : outside(root, records);
  const instead = new Map<JsonNode, string>();
  for (const node of around) {
    const { value } = node;
    const blanked = typeof value === 'string' && blank !== undefined ? value.replaceAll(blank, '(erased)') : value;
    if (blanked !== value) instead.set(node, JSON.stringify(blanked));
  }
  return editedJson(text, root, new Set(gone), instead);
}

function outside(node: JsonNode, records: ReadonlySet<JsonNode>): JsonNode[] {
  if (records.has(node)) return [];
  return [node, ...node.items.flatMap((item) => outside(item.node, records))];
}

function itemsOf(list: JsonNode | undefined): readonly JsonNode[] {
  return Array.isArray(list?.value) ? list.items.map(({ node }) => node) : [];
}

/** Where the records of a selection stand: as the very objects of the parsed text, or as copies with fields added to them. */
function selected(root: JsonNode, { source }: StreamDefinition, page: StoredPage): readonly (JsonNode | undefined)[] {
  const records = source.select(root.value, page);
  const nodes = allNodes(root);
  const places = new Map(nodes.map((node) => [node.value, node]));
  const found = records.map((record) => (isObject(record) ? places.get(record) : undefined));
  if (!found.includes(undefined)) return found;
  const lists = nodes.map(itemsOf).filter((items) => items.length === records.length);
  return lists.find((items) => items.every(({ value }, index) => isWithin(value, records[index]))) ?? [];
}

function allNodes(node: JsonNode): JsonNode[] {
  return [node, ...node.items.flatMap((item) => allNodes(item.node))];
}

/** Every field of the one stands in the other. */
function isWithin(value: unknown, record: unknown): boolean {
  if (!isObject(value) || !isObject(record)) return value === record;
  return Object.entries(value).every(([name, field]) => record[name] === field);
}
