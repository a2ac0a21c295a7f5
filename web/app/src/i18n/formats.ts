/** How one locale writes times and numbers. Dates are shown in the device's time zone. */
export interface Formats {
  readonly clock: (date: Date) => string;
  /** Clock today, "yesterday", a weekday within a week, then a date. */
  readonly list: (date: Date, now: number) => string;
  /** "Today", "Yesterday", a weekday with a date; with the year when it is another. */
  readonly day: (date: Date, now: number) => string;
  readonly relative: (date: Date, now: number) => string;
  readonly full: (date: Date) => string;
  readonly number: (value: number) => string;
  /** A size of a file, in steps of 1,000 bytes. */
  readonly bytes: (count: number) => string;
  /** Minutes and seconds of a sound or a video: 1:05. */
  readonly duration: (seconds: number) => string;
  readonly join: (items: readonly string[]) => string;
}

const DAY_MS = 86_400_000;
const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

function startOfDay(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

/** Whole days of the calendar between a date and now; 0 is today, negative lies ahead. */
function daysAgo(date: Date, now: number): number {
  return Math.round((startOfDay(now) - startOfDay(date.getTime())) / DAY_MS);
}

function relativeTo(relative: Intl.RelativeTimeFormat, date: Date, now: number): string {
  const seconds = Math.min(0, Math.round((date.getTime() - now) / 1000));
  if (seconds > -60) return relative.format(0, 'minute');
  if (seconds > -3600) return relative.format(Math.ceil(seconds / 60), 'minute');
  if (seconds > -86_400) return relative.format(Math.ceil(seconds / 3600), 'hour');
  const days = daysAgo(date, now);
  return days < 30 ? relative.format(-days, 'day') : relative.format(-Math.floor(days / 30.44), 'month');
}

function formatBytes(locale: string, count: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, count)) / 3)));
  const value = count / 1000 ** power;
  const unit = UNITS[power] ?? 'byte';
  const digits = power === 0 || value >= 100 ? 0 : 1;
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits: digits,
  }).format(value);
}

function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (part: number) => String(part).padStart(2, '0');
  const [hours, rest] = [Math.floor(whole / 3600), whole % 3600];
  const minutes = Math.floor(rest / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest % 60)}` : `${minutes}:${two(rest % 60)}`;
}

function capitalize(locale: string, text: string): string {
  const [first = '', ...rest] = text;
  return first.toLocaleUpperCase(locale) + rest.join('');
}

/** Made once for a locale: Intl's formatters are slow to build. */
export function createFormats(locale: string): Formats {
  const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options);
  const clock = format({ hour: 'numeric', minute: '2-digit' });
  const weekday = format({ weekday: 'short' });
  const short = format({ day: 'numeric', month: 'short' });
  const dated = format({ day: 'numeric', month: 'numeric', year: '2-digit' });
  const day = format({ weekday: 'long', day: 'numeric', month: 'long' });
  const dayOfYear = format({ day: 'numeric', month: 'long', year: 'numeric' });
  const full = format({ dateStyle: 'full', timeStyle: 'short' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const number = new Intl.NumberFormat(locale);
  const list = new Intl.ListFormat(locale);
  const sameYear = (date: Date, now: number) => date.getFullYear() === new Date(now).getFullYear();
  return {
    clock: (date) => clock.format(date),
    list: (date, now) => {
      const days = daysAgo(date, now);
      if (days <= 0) return clock.format(date);
      if (days === 1) return capitalize(locale, relative.format(-1, 'day'));
      if (days < 7) return weekday.format(date);
      return (sameYear(date, now) ? short : dated).format(date);
    },
    day: (date, now) => {
      const days = daysAgo(date, now);
      if (days === 0 || days === 1) return capitalize(locale, relative.format(-days, 'day'));
      return (sameYear(date, now) ? day : dayOfYear).format(date);
    },
    relative: (date, now) => relativeTo(relative, date, now),
    full: (date) => full.format(date),
    number: (value) => number.format(value),
    bytes: (count) => formatBytes(locale, count),
    duration: formatDuration,
    join: (items) => list.format(items),
  };
}
