/** Hands Git its user name and token through GIT_ASKPASS, so that neither stands in a URL, an argument or a log. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configEnvironment } from './git-config.ts';

/** As in `repository.credentials` of handover.yaml: where the token is, never the token. */
export interface Credentials {
  username: string;
  passwordFile?: string | undefined;
  passwordEnv?: string | undefined;
}

/** Where the token is, in words for an error; null when Git is left to the person's own setup. */
export function tokenSourceOf(credentials: Credentials | undefined): string | null {
  if (credentials?.passwordFile) return `the file ${credentials.passwordFile}`;
  return credentials?.passwordEnv ? `the environment variable ${credentials.passwordEnv}` : null;
}

/** Housekeeping must end with the command that caused it. */
const quiet: [string, string][] = [['gc.autoDetach', 'false']];

const askpass = `#!/bin/sh
# Answers Git's two questions from its own environment.
case "$1" in
  Username*) printf '%s\\n' "$HANDOVER_GIT_USERNAME" ;;
  *) if [ -n "$HANDOVER_GIT_PASSWORD_FILE" ]; then head -n 1 "$HANDOVER_GIT_PASSWORD_FILE"; else printenv "$HANDOVER_GIT_PASSWORD_ENV"; fi ;;
esac
`;

/**
 * Environment for git. The token itself is only read by the script, when Git asks, so a renewed one is used at once.
 * @param directory where the script is written (mode 700); it holds no secret
 */
export async function credentialEnvironment(
  directory: string,
  credentials: Credentials | undefined,
): Promise<Record<string, string>> {
  const environment: Record<string, string> = { GIT_TERMINAL_PROMPT: '0' };
  if (!process.env['GIT_SSH_COMMAND'] && !process.env['GIT_SSH'])
    environment['GIT_SSH_COMMAND'] = 'ssh -o BatchMode=yes -o ConnectTimeout=15';
  if (!credentials) return { ...environment, ...configEnvironment(quiet) };
  await mkdir(directory, { recursive: true });
  const script = join(directory, 'askpass.sh');
  await writeFile(script, askpass);
  await chmod(script, 0o700);
  return {
    ...environment,
    GIT_ASKPASS: script,
    HANDOVER_GIT_USERNAME: credentials.username,
    ...(credentials.passwordFile ? { HANDOVER_GIT_PASSWORD_FILE: credentials.passwordFile } : {}),
    ...(credentials.passwordEnv ? { HANDOVER_GIT_PASSWORD_ENV: credentials.passwordEnv } : {}),
    // An empty helper resets the list: ours are the only credentials in use.
    ...configEnvironment([['credential.helper', ''], ...quiet]),
  };
}
