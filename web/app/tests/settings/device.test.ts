import { expect, test } from 'vitest';
import { createDevice, readPreferences } from '../../src/settings/device';
import { memoryStorage } from '../storage';

const DEFAULTS = { theme: 'system', locale: 'en', notifies: false, showsPreview: true, playsSound: true };

test.each([null, '', 'no json', '7', 'null', '{"theme":"pink","locale":"xx","notifies":"yes"}'])(
  'what cannot be read (%j) is as new',
  (text) => {
    expect(readPreferences(text, ['en'])).toEqual(DEFAULTS);
  },
);

test('a device that has chosen nothing speaks the language of its browser', () => {
  expect(readPreferences(null, ['th-TH']).locale).toBe('th');
});

test('a choice holds for the next visit', () => {
  const storage = memoryStorage();
  createDevice(storage, ['en']).change({ theme: 'dark', locale: 'th' });
  expect(createDevice(storage, ['en']).get()).toEqual({ ...DEFAULTS, theme: 'dark', locale: 'th' });
});

test('without storage, or without room in it, a choice holds as long as the page', () => {
  const full = {
    getItem: () => null,
    setItem: () => {
      throw new DOMException('full', 'QuotaExceededError');
    },
  };
  for (const storage of [null, full]) {
    const device = createDevice(storage, ['en']);
    device.change({ playsSound: false });
    expect(device.get().playsSound).toBe(false);
  }
});
