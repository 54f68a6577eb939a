/** Moments and spans of time, as people say them. */

/** Where "now" is and in which time zone people read the clock. */
export interface Clock {
  now: Date;
  /** IANA time zone. */
  zone: string;
}

export function systemClock(): Clock {
  return { now: new Date(), zone: Intl.DateTimeFormat().resolvedOptions().timeZone };
}

const units = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** The two largest parts: `1 h 12 min`, `3 d 4 h`, `42 s`. Never negative. */
export function span(milliseconds: number): string {
  let left = Math.max(0, Math.round(milliseconds / 1000));
  const counts: [count: number, unit: string][] = units.map(([unit, seconds]) => {
    const many = Math.floor(left / seconds);
    left -= many * seconds;
    return [many, unit];
  });
  const first = counts.findIndex(([many]) => many > 0);
  if (first === -1) return '0 s';
  return counts
    .slice(first, first + 2)
    .filter(([many]) => many > 0)
    .map(([many, unit]) => `${many} ${unit}`)
    .join(' ');
}

/** From one ISO time to another, or to now. */
export function spanBetween(from: string, to: string | null, clock: Clock): string {
  return span((to === null ? clock.now.getTime() : Date.parse(to)) - Date.parse(from));
}

type Format = Intl.DateTimeFormatOptions;

function parts(at: Date, zone: string, format: Format): (type: Intl.DateTimeFormatPartTypes) => string {
  const found = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    ...format,
  }).formatToParts(at);
  return (type) => found.find((part) => part.type === type)?.value ?? '';
}

const everything: Format = {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'longOffset',
};

/** The time of day; with the weekday within a week, else with the date. */
export function moment(iso: string, clock: Clock): string {
  const at = new Date(iso);
  const of = parts(at, clock.zone, everything);
  const today = parts(clock.now, clock.zone, everything);
  const date = `${of('year')}-${of('month')}-${of('day')}`;
  if (date === `${today('year')}-${today('month')}-${today('day')}`)
    return `${of('hour')}:${of('minute')}:${of('second')}`;
  const isNear = Math.abs(at.getTime() - clock.now.getTime()) < 6 * 86_400_000;
  return `${isNear ? of('weekday') : date} ${of('hour')}:${of('minute')}`;
}

/** Date and time with the zone's offset, for records. */
export function fullMoment(iso: string, clock: Clock): string {
  const of = parts(new Date(iso), clock.zone, everything);
  const offset = of('timeZoneName').replace('GMT', '') || '+00:00';
  return `${of('year')}-${of('month')}-${of('day')} ${of('hour')}:${of('minute')}:${of('second')} ${offset}`;
}
