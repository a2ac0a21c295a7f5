import { describe, expect, it } from 'vitest';
import { linkify } from '../../src/conversation/linkify';

const MARKUP = '<b onclick=x>y</b>';
const links = (text: string) => linkify(text).flatMap((piece) => (piece.kind === 'link' ? [piece.href] : []));

describe('addresses in a text', () => {
  it('become links, and the text around them stays', () => {
    expect(linkify('see https://example.org/a?b=c#d now')).toEqual([
      { kind: 'text', text: 'see ', at: 0 },
      { kind: 'link', text: 'https://example.org/a?b=c#d', href: 'https://example.org/a?b=c#d', at: 4 },
      { kind: 'text', text: ' now', at: 31 },
    ]);
  });

  it('lose nothing of the text, whatever it is', () => {
    for (const text of ['', 'https://', 'a https://x.org. b', MARKUP, '\n\nhttp://a.b\n', '💜https://é.org']) {
      expect(
        linkify(text)
          .map((piece) => piece.text)
          .join(''),
      ).toBe(text);
    }
  });

  it('end before the full stop and the bracket of the sentence', () => {
    expect(links('(see https://en.wikipedia.org/wiki/Tea_(meal)).')).toEqual([
      'https://en.wikipedia.org/wiki/Tea_(meal)',
    ]);
    expect(links('https://a.org, https://b.org! [https://c.org]')).toEqual([
      'https://a.org',
      'https://b.org',
      'https://c.org',
    ]);
    expect(links('"https://a.org"')).toEqual(['https://a.org']);
  });

  it('are http and https alone', () => {
    const others = 'javascript:alert(1) data:text/html,x file:///etc/passwd ftp://a.org xhttps://a.org mailto:a@b.org';
    expect(links(others)).toEqual([]);
    expect(links('HTTPS://EXAMPLE.ORG')).toEqual(['HTTPS://EXAMPLE.ORG']);
  });

  it('are none when a name before the host pretends to be the host', () => {
    expect(links('https://bank.example@evil.example/')).toEqual([]);
  });

  it('end where the direction of writing is turned', () => {
    expect(links('https://a.org/\u202egnp.exe')).toEqual(['https://a.org/']);
  });

  it('do not come out of markup', () => {
    expect(linkify(MARKUP)).toEqual([{ kind: 'text', text: MARKUP, at: 0 }]);
  });

  it('are found in a long text without much ado', () => {
    expect(links('('.repeat(5_000) + 'https://a.org/'.padEnd(5_000, ')'))).toEqual(['https://a.org/']);
  });
});
