import { createRequire } from 'node:module';
import type * as FastXmlParser from 'fast-xml-parser';
import type { BodyFormat } from '../model/body-format.ts';
import { isObject } from '../util/json.ts';
import { DEEPEST } from './json-depth.ts';

export interface XmlOptions {
  /**
   * Elements that are lists, also when there is one of them: by name, wherever they stand (`'Bucket'`), or within a certain
   * one (`'TagSet/Tag'`). An element that is not named here is a list only where it comes more than once.
   */
  readonly arrays?: readonly string[];
}

/**
 * Bodies in XML. `<A><B c="1">x</B><D/></A>` is read as `{ A: { B: { '@c': '1', '#text': 'x' }, D: '' } }`:
 *
 * - every value is a text, as it stands there: nothing is taken for a number, a boolean or a date;
 * - an element with text alone is that text, an empty one is `''`; white space between elements is nobody's data;
 * - names go without their namespace prefix, and declarations of namespaces are left out;
 * - the five entities of XML and character references are read. A document type is refused, and with it every entity of
 *   a document's own, internal or external; so are names that JavaScript has for every object, two roots, HTML pages, and
 *   what is nested deeper than 512 elements.
 */
export function xml({ arrays = [] }: XmlOptions = {}): BodyFormat {
  const lists = new Set(arrays.filter((name) => !name.includes('/')));
  const within = arrays.filter((name) => name.includes('/')).map((path) => `.${path.replaceAll('/', '.')}`);
  const options: FastXmlParser.X2jOptions = {
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    removeNSPrefix: true,
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    // Without it the parser leaves character references as they are.
    htmlEntities: true,
    maxNestedTags: DEEPEST,
    isArray: (name, path) => lists.has(name) || within.some((end) => `.${String(path)}`.endsWith(end)),
  };
  let parser: { parse(text: string): unknown } | undefined;
  return {
    name: 'XML',
    accept: 'application/xml, text/xml',
    isJson: false,
    parse(bytes) {
      const text = textOf(bytes);
      refuseDocumentType(text);
      const { XMLParser, XMLValidator } = library();
      const valid = XMLValidator.validate(text);
      if (valid !== true) throw new SyntaxError(`it is no whole XML (${valid.err.code}, line ${valid.err.line})`);
      parser ??= new XMLParser(options);
      const parsed = cleaned(parser.parse(text));
      const roots = isObject(parsed) ? Object.keys(parsed) : [];
      if (roots.length !== 1) throw new SyntaxError(`it has ${roots.length} root elements in place of one`);
      // A page for a browser may be well-formed: it is an answer of a proxy or a login, never of the service.
      if (/^html$/i.test(roots[0] ?? '')) throw new SyntaxError('it is an HTML page');
      return parsed;
    },
  };
}

/** Read with the first body: integrations that speak JSON do not wait for it. */
function library(): typeof FastXmlParser {
  return createRequire(import.meta.url)('fast-xml-parser');
}

/** In the encoding that a byte order mark or the declaration names; UTF-8 where neither does. */
function textOf(bytes: Buffer): string {
  const mark =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : undefined;
  const named = /^[^<]{0,3}<\?xml[^>]{0,100}\sencoding=["']([\w.-]+)["']/.exec(bytes.toString('latin1', 0, 200))?.[1];
  return new TextDecoder(mark ?? named ?? 'utf-8', { fatal: true }).decode(bytes);
}

/** Comments and CDATA may hold anything; any other `<!` is a document type or a part of one. */
function refuseDocumentType(text: string): void {
  let at = text.indexOf('<!');
  while (at !== -1) {
    const end = text.startsWith('<!--', at) ? '-->' : text.startsWith('<![CDATA[', at) ? ']]>' : undefined;
    if (end === undefined) {
      throw new SyntaxError('it has a document type, which could define entities: no API has a reason for it');
    }
    const closed = text.indexOf(end, at);
    at = closed === -1 ? -1 : text.indexOf('<!', closed);
  }
}

/** Without declarations of namespaces and without the white space between elements. */
function cleaned(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(cleaned);
  if (!isObject(node)) return node;
  const fields = Object.entries(node).filter(([name]) => name !== '@xmlns' && name !== '#text');
  const text = node['#text'];
  const isBlank = typeof text !== 'string' || text.trim() === '';
  if (fields.length === 0) return text ?? '';
  const kept = isBlank ? fields : [...fields, ['#text', text] as const];
  return Object.fromEntries(kept.map(([name, value]) => [name, cleaned(value)]));
}
