import { expect, test } from 'vitest';
import { readPreferences } from '../../src/settings/device';
import { isOpen, isTell } from '../../src/sw/messages';
import { clientWindows, isShown, readPush, toNotification } from '../../src/sw/notification';
import { offlineAnswer } from '../../src/sw/shell-cache';

const device = readPreferences(null, ['en']);
const message = {
  type: 'message' as const,
  conversationId: 'c-1',
  username: 'ann lee/é',
  displayName: 'Ann',
  preview: 'Shall we begin?',
  count: 3,
};
const PATH = '/chat/ann%20lee%2F%C3%A9';

test('a message is told by who wrote it and what, and leads to it', () => {
  const { title, options } = toNotification(readPush(JSON.stringify(message)), device);
  expect(title).toBe('Ann');
  expect(options).toMatchObject({ body: 'Shall we begin?', tag: 'c-1', data: { path: PATH }, silent: false });
});

test('whoever wants no preview sees none, in their language', () => {
  const { options } = toNotification(message, { ...device, showsPreview: false, locale: 'th' });
  expect(options.body).toBe('ข้อความใหม่');
  expect(JSON.stringify(options)).not.toContain('begin');
});

test('sound can be off', () => {
  expect(toNotification(message, { ...device, playsSound: false }).options.silent).toBe(true);
});

test.each(['', 'no json', '[]', 'null', '{"type":"poll"}', '{"type":"message"}', '{"type":"message","count":"3"}'])(
  'a push that nobody understands (%j) says that there is something, and no more',
  (text) => {
    const push = readPush(text);
    expect(push).toEqual({ type: 'unknown' });
    const { title, options } = toNotification(push, device);
    expect([title, options.body, options.data]).toEqual(['Duologue', 'New message', { path: '/' }]);
  },
);

test('who looks at the conversation is not told; who looks at another, or away, is', () => {
  const here = `https://chat.example.com${PATH}?around=7`;
  expect(isShown(message, [{ url: here, visibilityState: 'visible' }])).toBe(true);
  expect(isShown(message, [{ url: here, visibilityState: 'hidden' }])).toBe(false);
  expect(isShown(message, [{ url: 'https://chat.example.com/chat/ann', visibilityState: 'visible' }])).toBe(false);
  expect(isShown({ type: 'unknown' }, [{ url: 'https://chat.example.com/', visibilityState: 'visible' }])).toBe(false);
});

test('a window of something else of the server is none of the client', () => {
  const [inbox, docs, chat] = ['/', '/docs', '/chat/ann'].map((path) => ({ url: `https://chat.example.com${path}` }));
  expect(clientWindows([docs, inbox, chat].filter((open) => open !== undefined))).toEqual([inbox, chat]);
});

test('page and worker take from each other only what they know', () => {
  expect(isOpen({ type: 'duologue.open', path: '/chat/ann' })).toBe(true);
  expect(isOpen({ type: 'duologue.open', path: 'https://elsewhere.example' })).toBe(false);
  expect(isOpen({ type: 'duologue.open' })).toBe(false);
  expect(isTell({ type: 'duologue.tell', push: message })).toBe(true);
  expect([null, 'x', { type: 'duologue.tell' }].map(isTell)).toEqual([false, false, false]);
});

const files = { hash: 'abc', paths: ['/', '/assets/index-1.js'] };
const asks = (path: string, more: Partial<Request> = {}) => ({
  method: 'GET',
  mode: 'cors' as RequestMode,
  url: `https://chat.example.com${path}`,
  ...more,
});

test.each([
  asks('/api/v1/chat/conversations'),
  asks('/uploads/a.jpg'),
  asks('/v1/events'),
  asks('/web.json'),
  asks('/assets/index-1.js', { method: 'POST' }),
  asks('/docs', { mode: 'navigate' }),
  asks('/chat/ws', { mode: 'navigate' }),
  { ...asks('/assets/index-1.js'), url: 'https://elsewhere.example/assets/index-1.js' },
])('the worker leaves $method $mode $url to the network', (request) => {
  expect(offlineAnswer(request as Request, files, 'https://chat.example.com')).toBeNull();
});
