import { expect, test } from 'vitest';
import { holdsCiphertext } from './ciphertext.ts';
import type { LiveObject } from './objects.ts';

const secret = (value: string): LiveObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'vars', uid: '1', resourceVersion: '1' },
  data: { key: Buffer.from(value).toString('base64') },
});

test('SOPS ciphertext in a Secret is found', () => {
  expect(holdsCiphertext(secret('ENC[AES256_GCM,data:0000,type:str]'))).toBe(true);
});

test('values that only look a little like it are not', () => {
  for (const value of ['', 'ENC', 'ENCODED', 'xENC[AES', 'hello'])
    expect(holdsCiphertext(secret(value))).toBe(false);
});

test('a ConfigMap is looked at in plain text', () => {
  expect(
    holdsCiphertext({ ...secret(''), kind: 'ConfigMap', data: { key: 'ENC[AES256_GCM,data:0000]' } }),
  ).toBe(true);
});
