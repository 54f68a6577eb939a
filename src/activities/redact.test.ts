import { expect, test } from 'vitest';
import { redactor } from './redact.ts';

const redact = redactor(['s3cret-token-value', 'abc']);

test('a known value is hidden as it is, in base64 and URL-encoded', () => {
  const secret = 's3cret-token-value';
  for (const form of [secret, Buffer.from(secret).toString('base64'), encodeURIComponent(secret)])
    expect(redact(`say ${form} aloud`)).not.toContain(form.replace(/=+$/, ''));
});

test('a short value hides nothing, so that ordinary words stay', () => {
  expect(redact('abc of things')).toBe('abc of things');
});

test('credentials in a URL, age keys and bearer tokens are hidden without being known', () => {
  const age = `AGE-SECRET-KEY-1${'Q'.repeat(58)}`;
  expect(redact('https://user:pass@host/x')).toBe('https://«redacted»@host/x');
  expect(redact(`key ${age}`)).not.toContain(age);
  expect(redact('Authorization: Bearer abcdef')).toBe('Authorization: Bearer «redacted»');
});

test('ordinary output passes unchanged', () => {
  const text =
    'kustomization/cluster  main@sha1:0a1b2c3d  False  True  Applied revision: main@sha1:0a1b2c3d\n';
  expect(redact(text)).toBe(text);
});
