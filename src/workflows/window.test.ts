import { describe, expect, test } from 'vitest';
import { windowAt } from './window.ts';

const saturdayNight = { schedule: '0 22 * * 6', duration: '4h', timeZone: 'Europe/Berlin' };
const at = (iso: string): Date => new Date(iso);

describe('maintenance windows', () => {
  test('no windows: always open', () =>
    expect(windowAt([], at('2026-11-22T10:00:00Z'))).toEqual({ open: true, closes: null }));

  test('closed before, with the moment it opens', () =>
    expect(windowAt([saturdayNight], at('2026-11-25T12:00:00Z'))).toEqual({
      open: false,
      opens: at('2026-11-28T21:00:00Z'),
    }));

  test('open from its first moment', () =>
    expect(windowAt([saturdayNight], at('2026-11-28T21:00:00Z'))).toEqual({
      open: true,
      closes: at('2026-11-29T01:00:00Z'),
    }));

  test('open across midnight', () =>
    expect(windowAt([saturdayNight], at('2026-11-29T00:59:59.500Z')).open).toBe(true));

  test('closed at its last moment', () =>
    expect(windowAt([saturdayNight], at('2026-11-29T01:00:00Z')).open).toBe(false));

  test('of several windows one open is enough, and the nearest opening counts', () => {
    const daily = { schedule: '30 3 * * *', duration: '30m', timeZone: 'UTC' };
    expect(windowAt([saturdayNight, daily], at('2026-11-25T03:45:00Z'))).toEqual({
      open: true,
      closes: at('2026-11-25T04:00:00Z'),
    });
    expect(windowAt([saturdayNight, daily], at('2026-11-25T12:00:00Z'))).toEqual({
      open: false,
      opens: at('2026-11-26T03:30:00Z'),
    });
  });

  test('a schedule that fires more often than its duration is always open', () =>
    expect(
      windowAt([{ schedule: '0 * * * *', duration: '2h', timeZone: 'UTC' }], at('2026-11-25T03:45:00Z')),
    ).toEqual({
      open: true,
      closes: at('2026-11-25T05:00:00Z'),
    }));

  test('a schedule that never fires again says so', () =>
    expect(
      windowAt([{ schedule: '0 0 31 2 *', duration: '1h', timeZone: 'UTC' }], at('2026-11-25T03:45:00Z')),
    ).toEqual({ open: false, opens: null }));

  describe('when the clocks change in Europe/Berlin', () => {
    const night = { schedule: '30 1 * * *', duration: '3h', timeZone: 'Europe/Berlin' };
    const skipped = { schedule: '30 2 * * *', duration: '1h', timeZone: 'Europe/Berlin' };

    test('forward (29 March 2026): the window keeps three elapsed hours, 01:30 to 05:30 by the clock', () => {
      expect(windowAt([night], at('2026-03-29T00:30:00Z'))).toEqual({
        open: true,
        closes: at('2026-03-29T03:30:00Z'),
      });
      expect(windowAt([night], at('2026-03-29T03:29:59Z')).open).toBe(true);
      expect(windowAt([night], at('2026-03-29T03:30:00Z')).open).toBe(false);
    });

    test('back (25 October 2026): the window keeps three elapsed hours, 01:30 to 03:30 by the clock', () => {
      expect(windowAt([night], at('2026-10-24T23:30:00Z'))).toEqual({
        open: true,
        closes: at('2026-10-25T02:30:00Z'),
      });
      expect(windowAt([night], at('2026-10-25T02:30:00Z')).open).toBe(false);
    });

    test('a window inside the skipped hour opens on that night as soon as the hour is skipped', () => {
      const state = windowAt([skipped], at('2026-03-28T12:00:00Z'));
      expect(state).toEqual({ open: false, opens: at('2026-03-29T01:00:00Z') });
    });

    test('a window inside the repeated hour opens once', () => {
      const state = windowAt([skipped], at('2026-10-24T12:00:00Z'));
      expect(state).toEqual({ open: false, opens: at('2026-10-25T00:30:00Z') });
      expect(windowAt([skipped], at('2026-10-25T01:35:00Z'))).toEqual({
        open: false,
        opens: at('2026-10-26T01:30:00Z'),
      });
    });

    test('the opening keeps its hour by the clock across the change', () => {
      expect(windowAt([saturdayNight], at('2026-10-24T12:00:00Z'))).toEqual({
        open: false,
        opens: at('2026-10-24T20:00:00Z'),
      });
      expect(windowAt([saturdayNight], at('2026-10-25T12:00:00Z'))).toEqual({
        open: false,
        opens: at('2026-10-31T21:00:00Z'),
      });
    });
  });
});
