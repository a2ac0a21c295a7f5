import { expect, test } from 'vitest';
import { endsSession } from '../../src/session/ends-session';

test('too many windows end no session; a refused token does', () => {
  expect(endsSession('too_many_connections')).toBe(false);
  expect(endsSession('auth_timeout')).toBe(false);
  expect(endsSession('invalid_token')).toBe(true);
});
