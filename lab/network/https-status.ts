// Asks an HTTPS server of the lab whether it answers.

import { readFile } from 'node:fs/promises';
import { get } from 'node:https';

/** Null when the URL answers with status 200 and a certificate of the authority, else what is wrong. */
export async function httpsStatus(url: string, authorityFile: string): Promise<string | null> {
  const authority = await readFile(authorityFile, 'utf8');
  return new Promise((resolve) => {
    // A connection of its own: a kept one would hide a server that has died since.
    const request = get(url, { ca: authority, timeout: 2000, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? null : `${url} answers ${response.statusCode}`);
    });
    request.on('timeout', () => request.destroy(new Error(`${url} does not answer`)));
    request.on('error', (error) => resolve(error.message));
  });
}
