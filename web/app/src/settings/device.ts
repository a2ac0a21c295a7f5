/** What a person has chosen for this device alone: it never leaves it. */
import { createStore, type Readable } from '@duologue/client';
import { isLocale, type LocaleCode, pickLocale } from '../i18n/locales';

export type Theme = 'system' | 'light' | 'dark';

export interface DevicePreferences {
  readonly theme: Theme;
  readonly locale: LocaleCode;
  readonly notifies: boolean;
  /** Whether a notification shows what was written. */
  readonly showsPreview: boolean;
  readonly playsSound: boolean;
}

const KEY = 'duologue.device';

/** Reads what was kept, field by field: a field of another kind, or none, is its default. */
export function readPreferences(text: string | null, languages: readonly string[]): DevicePreferences {
  const kept = parse(text);
  const { theme, locale } = kept;
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    locale: typeof locale === 'string' && isLocale(locale) ? locale : pickLocale(languages),
    notifies: kept.notifies === true,
    showsPreview: kept.showsPreview !== false,
    playsSound: kept.playsSound !== false,
  };
}

function parse(text: string | null): Partial<Record<keyof DevicePreferences, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

export interface Device extends Readable<DevicePreferences> {
  readonly change: (change: Partial<DevicePreferences>) => void;
}

/** Kept in `storage`; without one (closed to this page) it holds as long as the page. */
export function createDevice(
  storage: Pick<Storage, 'getItem' | 'setItem'> | null,
  languages: readonly string[],
): Device {
  const store = createStore(readPreferences(storage?.getItem(KEY) ?? null, languages));
  return {
    get: store.get,
    subscribe: store.subscribe,
    change: (change) => {
      store.update((before) => ({ ...before, ...change }));
      try {
        storage?.setItem(KEY, JSON.stringify(store.get()));
      } catch {
        // Full, or closed: the choice holds as long as the page.
      }
    },
  };
}
