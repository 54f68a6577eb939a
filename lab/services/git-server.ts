// The lab's Git server: nginx and git's own CGI program, asking for a username and a token to read and to push.

import { randomBytes } from 'node:crypto';
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { read } from '../commands.ts';
import { writeConfiguration } from '../configuration.ts';
import { labDirectory, type LabGit } from '../description.ts';
import { ensureProcess } from '../processes.ts';
import { waitUntil } from '../readiness.ts';
import { ensureRepository, repositoriesFolder, repositoryFolder, repositoryPath } from './git-repository.ts';

const port = 3000;
const username = 'haynes';
const directory = path.join(labDirectory, 'git');
const programNames = { server: 'git-server', gateway: 'git-gateway' };

export function describeGit(address: string): LabGit {
  return {
    url: `http://${address}:${port}/${repositoryPath}`,
    username,
    tokenFile: path.join(directory, 'token'),
    repository: repositoryFolder,
  };
}

/** Starts the server with an empty repository, unless it runs. `sockets` is a folder with a short path. */
export async function ensureGitServer(address: string, sockets: string): Promise<LabGit> {
  const git = describeGit(address);
  const socket = path.join(sockets, 'git.sock');
  await mkdir(sockets, { recursive: true });
  await ensureRepository();
  await ensureToken(git.tokenFile);
  await writePasswords(git.tokenFile);
  const file = path.join(directory, 'nginx.conf');
  await writeConfiguration(file, await serverConfiguration(address, socket));
  await ensureProcess({
    name: programNames.gateway,
    command: 'fcgiwrap',
    // Two clusters and a person at once, each over in milliseconds.
    parameters: ['-f', '-c', '4', '-s', `unix:${socket}`],
    prepare: () => rm(socket, { force: true }),
  });
  await ensureProcess({
    name: programNames.server,
    command: 'nginx',
    parameters: ['-e', 'stderr', '-p', directory, '-c', file],
  });
  await waitUntil({
    what: 'the Git server',
    check: () => asksForPassword(git.url),
    timeout: 20_000,
    interval: 100,
    programs: Object.values(programNames),
  });
  return git;
}

async function ensureToken(tokenFile: string): Promise<void> {
  const present = await access(tokenFile).then(
    () => true,
    () => false,
  );
  if (!present) await writeFile(tokenFile, `${randomBytes(20).toString('hex')}\n`, { mode: 0o600 });
}

const passwordFile = path.join(directory, 'passwords');

/** nginx gets the token as a salted hash only; the salt stays, so that the file does, too. */
async function writePasswords(tokenFile: string): Promise<void> {
  const token = (await readFile(tokenFile, 'utf8')).trim();
  const current = await readFile(passwordFile, 'utf8').catch(() => '');
  const salt = /\$apr1\$([^$]+)\$/.exec(current)?.[1] ?? randomBytes(4).toString('hex');
  // The token goes in by standard input, never as an argument that `ps` shows.
  const hash = await read('openssl', ['passwd', '-apr1', '-salt', salt, '-stdin'], { input: `${token}\n` });
  await writeConfiguration(passwordFile, `${username}:${hash}\n`, 0o600);
}

async function asksForPassword(url: string): Promise<string | null> {
  const response = await fetch(`${url}/info/refs?service=git-upload-pack`);
  await response.body?.cancel();
  return response.status === 401 ? null : `${url} answers ${response.status}`;
}

async function serverConfiguration(address: string, socket: string): Promise<string> {
  const program = path.join(await read('git', ['--exec-path']), 'git-http-backend');
  const temporary = (name: string) => path.join(directory, 'temporary', name);
  await mkdir(path.join(directory, 'temporary'), { recursive: true });
  return `# One process: nothing is left of it when it is killed.
daemon off;
master_process off;
pid ${directory}/nginx.pid;
error_log stderr warn;
events { worker_connections 256; }
http {
  access_log off;
  client_max_body_size 0;
  client_body_temp_path ${temporary('body')};
  fastcgi_temp_path ${temporary('fastcgi')};
  proxy_temp_path ${temporary('proxy')};
  scgi_temp_path ${temporary('scgi')};
  uwsgi_temp_path ${temporary('uwsgi')};
  server {
    listen ${address}:${port};
    auth_basic "Git";
    auth_basic_user_file ${passwordFile};
    location ~ ^/.+\\.git/ {
      fastcgi_pass unix:${socket};
      fastcgi_read_timeout 120s;
      fastcgi_param SCRIPT_FILENAME ${program};
      fastcgi_param GIT_PROJECT_ROOT ${repositoriesFolder};
      fastcgi_param GIT_HTTP_EXPORT_ALL "";
      fastcgi_param GIT_CONFIG_GLOBAL /dev/null;
      fastcgi_param PATH_INFO $uri;
      fastcgi_param REMOTE_USER $remote_user;
      fastcgi_param REMOTE_ADDR $remote_addr;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param QUERY_STRING $query_string;
      fastcgi_param CONTENT_TYPE $content_type;
      fastcgi_param CONTENT_LENGTH $content_length;
    }
  }
}
`;
}
