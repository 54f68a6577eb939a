import { expect, test } from 'vitest';
import { logLine } from './log-lines.ts';
import { plainPaint } from './terminal.ts';

const paint = plainPaint();

test('an event becomes a line with what tells', () => {
  expect(
    logLine(
      '{"level":30,"msg":"Worker state changed","state":"RUNNING","taskQueue":"handover-home","sdkComponent":"worker"}',
      paint,
    ),
  ).toMatch(/Worker state changed {2}RUNNING handover-home$/);
});

test('an error tells its message', () => {
  expect(
    logLine(
      '{"level":50,"msg":"Activity failed","err":{"message":"no answer"},"activityType":"verify"}',
      paint,
    ),
  ).toMatch(/Activity failed: no answer {2}verify$/);
});

test('what each worker is expected to say is left out, and what is no JSON is kept', () => {
  expect(
    logLine('{"level":40,"msg":"No Nexus services registered, not polling for Nexus tasks"}', paint),
  ).toBeNull();
  expect(logLine('plain words', paint)).toBe('plain words');
});
