import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// Between the two forms that the published models describe: what an SDK hands to its user, and the XML on the wire.

export interface Member {
  readonly shape: string;
  readonly locationName?: string;
  readonly location?: string;
  readonly flattened?: boolean;
  readonly xmlAttribute?: boolean;
}

interface Shape {
  readonly type: string;
  readonly members?: Readonly<Record<string, Member>>;
  readonly member?: Member;
  readonly flattened?: boolean;
  readonly payload?: string;
}

interface Model {
  readonly operations: Readonly<
    Record<string, { readonly output?: { readonly shape: string; readonly resultWrapper?: string } }>
  >;
  readonly shapes: Readonly<Record<string, Shape>>;
}

export type Data = Readonly<Record<string, unknown>>;

/**
 * Root elements of the answers whose model leaves them open, as the API reference shows them:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
const ROOTS: Readonly<Record<string, string>> = {
  ListBuckets: 'ListAllMyBucketsResult',
  GetBucketTagging: 'Tagging',
  GetBucketVersioning: 'VersioningConfiguration',
  GetBucketLifecycleConfiguration: 'LifecycleConfiguration',
  GetBucketAcl: 'AccessControlPolicy',
  GetBucketLogging: 'BucketLoggingStatus',
};

export interface Wire {
  /** The body of a recorded answer, as the service would send it. */
  toXml(service: 's3' | 'iam', operation: string, data: Data): string;
  /** The content of an answer's root, as our XML format reads it, in the form of the SDK again. */
  fromXml(operation: string, content: unknown): Data;
}

/** Reads the models in `folder` (`s3.service-2.trimmed.json`). */
export function wire(folder: string): Wire {
  const models = { s3: modelIn(folder, 's3'), iam: modelIn(folder, 'iam') };

  return {
    toXml(service, operation, data) {
      const { shapes, operations } = models[service];
      const output = operations[operation]?.output;
      const shape = shapes[output?.shape ?? ''];
      if (output === undefined || shape === undefined) throw new Error(`no model of ${operation}`);
      if (operation === 'GetBucketLocation')
        return element('LocationConstraint', escaped(textOf(data['LocationConstraint'])));
      if (shape.payload !== undefined) {
        const member = shape.members?.[shape.payload];
        return element(shape.payload, inside(shapes, member?.shape ?? '', data[shape.payload]));
      }
      const content = inside(shapes, output.shape, data);
      if (output.resultWrapper === undefined) return element(ROOTS[operation] ?? operation, content);
      const result = element(output.resultWrapper, content);
      return `<${operation}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">${result}</${operation}Response>`;
    },
    fromXml(operation, content) {
      const model = models.s3.operations[operation] === undefined ? models.iam : models.s3;
      const output = model.operations[operation]?.output?.shape ?? '';
      const { payload } = model.shapes[output] ?? {};
      if (payload === undefined) return asData(valueOf(model.shapes, output, content));
      const { shape = '' } = model.shapes[output]?.members?.[payload] ?? {};
      return { [payload]: valueOf(model.shapes, shape, content) };
    },
  };
}

function inside(shapes: Model['shapes'], name: string, value: unknown): string {
  const shape = shapes[name];
  if (shape?.type !== 'structure') return escaped(textOf(value));
  return Object.entries(shape.members ?? {})
    .filter(
      ([member, { location, xmlAttribute }]) =>
        asData(value)[member] !== undefined && location === undefined && xmlAttribute !== true,
    )
    .map(([member, of]) => elementsOf(shapes, member, of, asData(value)[member]))
    .join('');
}

function elementsOf(shapes: Model['shapes'], member: string, of: Member, value: unknown): string {
  const name = of.locationName ?? member;
  const shape = shapes[of.shape];
  if (shape?.type === 'list' && Array.isArray(value)) {
    const item = shape.member ?? { shape: '' };
    const isFlat = isFlattened(of, shape);
    const items = value.map((one) =>
      element(isFlat ? name : (item.locationName ?? 'member'), inside(shapes, item.shape, one)),
    );
    return isFlat ? items.join('') : element(name, items.join(''));
  }
  const attributes = Object.entries(shape?.members ?? {}).flatMap(
    ([attribute, { xmlAttribute, locationName = attribute }]) => {
      const text = asData(value)[attribute];
      if (xmlAttribute !== true || text === undefined) return [];
      return ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ${locationName}="${escaped(textOf(text))}"`;
    },
  );
  return element(name, inside(shapes, of.shape, value), attributes.join(''));
}

function valueOf(shapes: Model['shapes'], name: string, xml: unknown): unknown {
  const shape = shapes[name];
  if (shape?.type === 'integer' || shape?.type === 'long') return Number(xml);
  if (shape?.type === 'boolean') return xml === 'true';
  if (shape?.type !== 'structure') return xml;
  const fields = asData(xml);
  const pairs = Object.entries(shape.members ?? {}).flatMap(([member, of]) => {
    const found =
      fields[
        of.xmlAttribute === true ? `@${(of.locationName ?? member).replace(/^.*:/, '')}` : (of.locationName ?? member)
      ];
    const memberShape = shapes[of.shape];
    if (found === undefined) return [];
    if (memberShape?.type !== 'list') return [[member, valueOf(shapes, of.shape, found)] as const];
    const item = memberShape.member ?? { shape: '' };
    const list = isFlattened(of, memberShape) ? found : asData(found)[item.locationName ?? 'member'];
    const items: readonly unknown[] = Array.isArray(list) ? list : [];
    return [[member, items.map((one) => valueOf(shapes, item.shape, one))] as const];
  });
  return Object.fromEntries(pairs);
}

function isFlattened(member: Member, shape: Shape): boolean {
  return member.flattened === true || shape.flattened === true;
}

function element(name: string, content: string, attributes = ''): string {
  return content === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`;
}

function escaped(text: string): string {
  const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replaceAll(/[&<>"]/g, (char) => named[char] ?? char);
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function asData(value: unknown): Data {
  return isData(value) ? value : {};
}

function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function modelIn(folder: string, service: string): Model {
  const path = join(folder, `${service}.service-2.trimmed.json`);
  const none: Model = { operations: {}, shapes: {} };
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : none;
}
