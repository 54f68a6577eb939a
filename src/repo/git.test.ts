import { expect, test } from 'vitest';
import { couldNotWrite } from './git.ts';

test.each([
  "error: cannot update ref 'refs/remotes/origin/main': couldn't write '/cache/a.git/refs/remotes/origin/main.lock'",
  "fatal: Unable to create '/cache/a.git/packed-refs.lock': Permission denied",
  'error: failed to write new configuration file /cache/a.git/config.lock',
])('git could not write, whatever the cause: %s', (stderr) => {
  expect(couldNotWrite(stderr)).toBe(true);
});

test.each([
  "error: unable to write file ./objects/pack: No space left on device\nfatal: couldn't write it",
  "fatal: couldn't find remote ref refs/heads/main",
  "fatal: unable to access 'http://git.test/home-ops.git/': Failed to connect",
])('git says the cause itself, or it is another matter: %s', (stderr) => {
  expect(couldNotWrite(stderr)).toBe(false);
});
