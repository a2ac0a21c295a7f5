import type { Formats } from '../i18n/formats';

const MOST = 99;

/** A count where there is room for two figures. */
export function shortCount(count: number, formats: Formats): string {
  return count > MOST ? `${formats.number(MOST)}+` : formats.number(count);
}
