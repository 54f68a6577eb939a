import { describe, expect, test } from 'vitest';
import { makeLogger } from './logger.ts';

function logged(write: (logger: ReturnType<typeof makeLogger>) => void): string {
  let lines = '';
  write(makeLogger({ destination: { write: (line: string) => void (lines += line) } }));
  return lines;
}

describe("the worker's log", () => {
  test.each([
    ['a password in a URL', 'push to http://git:s3cr3t@git.test/x.git failed'],
    ['a bearer token', 'Authorization: Bearer s3cr3t-token'],
    ['an age key', 'AGE-SECRET-KEY-1S3CR3TS3CR3T'],
    ['a GitHub token', 'token ghp_s3cr3ts3cr3ts3cr3t was refused'],
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----\ns3cr3t\n-----END OPENSSH PRIVATE KEY-----'],
  ])('shows no %s', (_, message) => {
    const lines = logged((logger) => logger.error(new Error(message), message));
    expect(lines.toLowerCase()).not.toContain('s3cr3t');
    expect(lines).toContain('[redacted]');
  });

  test('shows no field that is called a secret', () => {
    const lines = logged((logger) =>
      logger.info({ credentials: { username: 'git', password: 's3cr3t' } }, 'cloning'),
    );
    expect(lines).toContain('"username":"git"');
    expect(lines).not.toContain('s3cr3t');
  });

  test('keeps what is no secret, as JSON', () => {
    const lines = logged((logger) => logger.info({ cluster: 'edge' }, 'see https://docs.temporal.io/cli'));
    expect(JSON.parse(lines)).toMatchObject({ cluster: 'edge', msg: 'see https://docs.temporal.io/cli' });
  });
});
