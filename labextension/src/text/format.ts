/**
 * Times, sizes and numbers in the reader's language.
 */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number, number][] = [
  ['minute', MINUTE, HOUR],
  ['hour', HOUR, DAY],
  ['day', DAY, 14 * DAY],
  ['week', 7 * DAY, 60 * DAY],
  ['month', 30.44 * DAY, 365 * DAY],
  ['year', 365.25 * DAY, Infinity]
];

/** A time as the server writes it. */
const ISO = /\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)/g;

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

/**
 * The locale of dates and numbers: that of the interface, in the reader's own variety of it.
 *
 * @param language - The interface's language, such as `zh-CN`; `default` stands for English.
 * @param preferred - The reader's languages, as the browser tells.
 */
export function localeOf(
  language: string,
  preferred: readonly string[] = navigator.languages ?? []
): string {
  const tag = /^(default|)$/.test(language) ? 'en' : language.replace('_', '-');
  const base = tag.split('-')[0].toLowerCase();
  const own = preferred.find(p => p.split('-')[0].toLowerCase() === base);
  return tag.includes('-') ? tag : (own ?? tag);
}

/**
 * Formats values for one reader. Times are ISO 8601.
 */
export class Format {
  constructor(
    readonly locale: string = 'en',
    private readonly _now: () => number = () => Date.now()
  ) {
    this._relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
    this._short = new Intl.RelativeTimeFormat(locale, {
      numeric: 'auto',
      style: 'short'
    });
    this._absolute = new Intl.DateTimeFormat(locale, {
      dateStyle: 'full',
      timeStyle: 'medium'
    });
    this._medium = new Intl.DateTimeFormat(locale, {
      dateStyle: 'medium',
      timeStyle: 'short'
    });
    this._number = new Intl.NumberFormat(locale);
    this._percent = new Intl.NumberFormat(locale, { style: 'percent' });
  }

  /**
   * How long ago, such as “3 days ago”; empty for a time that cannot be read.
   */
  ago(time: string | null, short = false): string {
    const then = time === null ? NaN : Date.parse(time);
    if (Number.isNaN(then)) {
      return '';
    }
    const format = short ? this._short : this._relative;
    // A clock that is a little ahead on the server is not a time in the future.
    const seconds = Math.min(0, (then - this._now()) / 1000);
    if (seconds > -45) {
      return format.format(0, 'second');
    }
    for (const [unit, size, limit] of STEPS) {
      if (-seconds < limit) {
        return format.format(Math.min(-1, Math.round(seconds / size)), unit);
      }
    }
    return '';
  }

  /**
   * The whole date and time.
   */
  absolute(time: string | null): string {
    const then = time === null ? NaN : Date.parse(time);
    return Number.isNaN(then) ? '' : this._absolute.format(then);
  }

  /**
   * A text of the server, with the times in it as the reader writes them.
   */
  times(text: string): string {
    return text.replace(ISO, time => this._medium.format(Date.parse(time)));
  }

  /**
   * Bytes in decimal units, as disks and quotas count them.
   */
  bytes(size: number): string {
    let unit = 0;
    let value = size;
    while (value >= 999.5 && unit < UNITS.length - 1) {
      value /= 1000;
      unit += 1;
    }
    return new Intl.NumberFormat(this.locale, {
      style: 'unit',
      unit: UNITS[unit],
      unitDisplay: unit === 0 ? 'long' : 'short',
      maximumFractionDigits: unit === 0 || value >= 100 ? 0 : 1
    }).format(value);
  }

  /**
   * A whole number with the reader's separators.
   */
  count(value: number): string {
    return this._number.format(value);
  }

  /**
   * A fraction from 0 to 1 as a percentage; never 100 % before it is 1.
   */
  percent(fraction: number): string {
    const bounded = Math.max(0, Math.min(1, fraction));
    return this._percent.format(Math.floor(bounded * 100) / 100);
  }

  /**
   * A length of time in seconds, such as “0.4s”, “41s” or “2m 5s”.
   */
  duration(seconds: number): string {
    if (seconds > 0 && seconds < 1) {
      return this._unit(Math.max(0.1, Math.round(seconds * 10) / 10), 'second');
    }
    const whole = Math.max(0, Math.round(seconds));
    const hours = Math.floor(whole / HOUR);
    const minutes = Math.floor((whole % HOUR) / MINUTE);
    const rest = whole % MINUTE;
    if (hours > 0) {
      return `${this._unit(hours, 'hour')} ${this._unit(minutes, 'minute')}`;
    }
    if (minutes > 0) {
      return `${this._unit(minutes, 'minute')} ${this._unit(rest, 'second')}`;
    }
    return this._unit(rest, 'second');
  }

  /**
   * The seconds from one time to another, or to now.
   */
  seconds(from: string | null, to: string | null): number {
    const begin = from === null ? NaN : Date.parse(from);
    const end = to === null ? this._now() : Date.parse(to);
    return Number.isNaN(begin) ? 0 : Math.max(0, (end - begin) / 1000);
  }

  private _unit(value: number, unit: string): string {
    return new Intl.NumberFormat(this.locale, {
      style: 'unit',
      unit,
      unitDisplay: 'narrow'
    }).format(value);
  }

  private readonly _relative: Intl.RelativeTimeFormat;
  private readonly _short: Intl.RelativeTimeFormat;
  private readonly _absolute: Intl.DateTimeFormat;
  private readonly _medium: Intl.DateTimeFormat;
  private readonly _number: Intl.NumberFormat;
  private readonly _percent: Intl.NumberFormat;
}
