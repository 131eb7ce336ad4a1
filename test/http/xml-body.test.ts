import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { xml } from '../../src/http/xml-body.ts';

const format = xml({ arrays: ['Tag', 'Set/Item'] });
const read = (text: string | Buffer): unknown => format.parse(Buffer.from(text));

describe('bodies in XML', () => {
  it.each([
    ['an element with text', '<A>x</A>', { A: 'x' }],
    ['texts stay texts', '<A><N>007</N><B>true</B><E>1e3</E></A>', { A: { N: '007', B: 'true', E: '1e3' } }],
    ['empty elements', '<A><B/><C></C></A>', { A: { B: '', C: '' } }],
    ['an empty root with a namespace', '<A xmlns="http://a/"/>', { A: '' }],
    ['one of a list', '<A><Tag><K>1</K></Tag></A>', { A: { Tag: [{ K: '1' }] } }],
    ['a list within one element alone', '<A><Set><Item/></Set><Item/></A>', { A: { Set: { Item: [''] }, Item: '' } }],
    ['a list in a root with a prefix', '<p:Set xmlns:p="u"><p:Item>1</p:Item></p:Set>', { Set: { Item: ['1'] } }],
    ['several that are not named', '<A><B>1</B><B>2</B></A>', { A: { B: ['1', '2'] } }],
    [
      'white space between elements, and within a text',
      '<A>\n  <B> x\n </B>\n  <C>   </C>\n</A>',
      { A: { B: ' x\n ', C: '   ' } },
    ],
    [
      'attributes and prefixes',
      '<a:A xmlns:a="u" xmlns:x="v"><a:G x:type="Group">t</a:G></a:A>',
      { A: { G: { '@type': 'Group', '#text': 't' } } },
    ],
    ['entities and references', '<A>&lt;&amp;&gt;&quot;&apos;&#65;&#x42;&#10;&amp;#65;</A>', { A: '<&>"\'AB\n&#65;' }],
    ['CDATA and comments', '<A><!-- <x> --><B><![CDATA[<!-- &amp; ]]></B></A>', { A: { B: '<!-- &amp; ' } }],
    ['a declaration and a mark', '\uFEFF<?xml version="1.0" encoding="UTF-8"?>\n<A>ü</A>\n', { A: 'ü' }],
  ])('reads %s', (_what, text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it('reads other encodings that the text or a mark names, and refuses what is not in them', () => {
    const latin = Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><A>\xe4</A>', 'latin1');
    expect(read(latin)).toEqual({ A: 'ä' });
    expect(read(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('<A>ä</A>', 'utf16le')]))).toEqual({ A: 'ä' });
    expect(() => read(Buffer.from([0x3c, 0x41, 0x3e, 0xe4, 0x3c, 0x2f, 0x41, 0x3e]))).toThrow();
  });

  const bomb = `<!DOCTYPE a [<!ENTITY b "${'x'.repeat(100)}"><!ENTITY c "${'&b;'.repeat(100)}">]><A>${'&c;'.repeat(100)}</A>`;
  it.each([
    ['an entity bomb', bomb],
    ['an external entity', '<?xml version="1.0"?><!DOCTYPE A [<!ENTITY f SYSTEM "file:///etc/passwd">]><A>&f;</A>'],
    ['a document type behind a comment', '<!-- <A> --><!DOCTYPE A><A/>'],
    ['a document type after the root', '<A/><!DOCTYPE A>'],
    ['a body that was cut', '<A><B>1</B>'],
    ['two roots', '<A/><B/>'],
    ['no root', '<?xml version="1.0"?>'],
    ['nothing', ''],
    ['JSON', '{"a":1}'],
    ['an HTML page', '<!doctype html><html><body>Sign in<br></body></html>'],
    ['a page of XHTML', '<html xmlns="http://www.w3.org/1999/xhtml"><body>Sign in</body></html>'],
    ['an ampersand alone', '<A>x & y</A>'],
    ['names of JavaScript', '<A><__proto__><x>1</x></__proto__></A>'],
    ['600 levels', '<A>'.repeat(600) + '</A>'.repeat(600)],
  ])('refuses %s', (_what, text) => {
    expect(() => read(text)).toThrow();
  });

  it('gives back every text, and every prefix of a document is no document', () => {
    const escaped = (text: string): string => text.replaceAll(/[&<>\r]/g, (char) => `&#${char.charCodeAt(0)};`);
    // XML has no other control characters: https://www.w3.org/TR/xml/#charsets
    const text = fc
      .string({ unit: 'grapheme' })
      .map((value) => value.replaceAll(/(?![\t\n\r])\p{Cc}|[\uFFFE\uFFFF]/gu, ''));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), fc.nat(), (values, cut) => {
        const document = `<A>${values.map((value) => `<Tag>${escaped(value)}</Tag>`).join('')}</A>`;
        expect(read(document)).toEqual({ A: { Tag: values } });
        const bytes = Buffer.from(document);
        expect(() => read(bytes.subarray(0, cut % bytes.length))).toThrow();
      }),
      { numRuns: 200 },
    );
  });
});
