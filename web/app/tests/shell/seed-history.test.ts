import { expect, test } from 'vitest';
import { seedHistory } from '../../src/shell/seed-history';

function visit(path: string, state: unknown = null) {
  const entries = [path];
  const history = {
    state,
    replaceState: (_state: unknown, _title: string, to: string) => entries.splice(-1, 1, to),
    pushState: (_state: unknown, _title: string, to: string) => entries.push(to),
  } as unknown as History;
  const [pathname = '', search = ''] = path.split('?');
  seedHistory({ pathname, search: search === '' ? '' : `?${search}` } as Location, history);
  return entries;
}

test('going back from a conversation that one came straight into leads to the list', () => {
  expect(visit('/chat/ann?around=7')).toEqual(['/', '/chat/ann?around=7']);
});

test('nothing is put before the list, the settings, or a page that is only loaded again', () => {
  expect(visit('/')).toEqual(['/']);
  expect(visit('/settings')).toEqual(['/settings']);
  expect(visit('/chat/ann', { seeded: true })).toEqual(['/chat/ann']);
});
