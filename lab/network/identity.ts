// The identity of this checkout's lab: a small number that its subnet and every name on the machine derive from.

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { read } from '../commands.ts';
import { labDirectory } from '../description.ts';

export interface LabIdentity {
  /** `fh` and the number; the bridge's name and the prefix of all other names. */
  readonly id: string;
  /** Second octet of the lab's subnet 10.X.0.0/16. */
  readonly number: number;
  /** The node number (1–9) of each cluster ever raised here. */
  readonly slots: Readonly<Record<string, number>>;
}

const identityFile = path.join(labDirectory, 'identity.json');
const lowestNumber = 16;
const numberCount = 224;

/** How a bridge of this lab is told from another lab's: its alias is the lab's folder (the kernel keeps 255 bytes). */
export const bridgeAlias = labDirectory.slice(-250);

export async function readIdentity(): Promise<LabIdentity | undefined> {
  try {
    return JSON.parse(await readFile(identityFile, 'utf8')) as LabIdentity;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** @throws Error that names `make lab` when no lab was raised here. */
export async function requireIdentity(): Promise<LabIdentity> {
  const identity = await readIdentity();
  if (identity === undefined) throw new Error(`No lab was raised in ${labDirectory}. Run "make lab" first.`);
  return identity;
}

export async function writeIdentity(identity: LabIdentity): Promise<void> {
  await mkdir(labDirectory, { recursive: true });
  await writeFile(identityFile, `${JSON.stringify(identity)}\n`);
}

export function identityWithNumber(number: number): LabIdentity {
  return { id: `fh${number}`, number, slots: {} };
}

/** The numbers this lab may take, the one that its folder's hash proposes first. */
export function candidateNumbers(): number[] {
  const proposed = createHash('sha256').update(labDirectory).digest().readUInt16BE(0) % numberCount;
  return Array.from({ length: numberCount }, (_, step) => lowestNumber + ((proposed + step) % numberCount));
}

/** The same identity with a node number for that cluster. */
export function withSlot(identity: LabIdentity, cluster: string): LabIdentity {
  if (identity.slots[cluster] !== undefined) return identity;
  const taken = new Set(Object.values(identity.slots));
  const slot = [1, 2, 3, 4, 5, 6, 7, 8, 9].find((number) => !taken.has(number));
  if (slot === undefined)
    throw new Error('The lab holds nine clusters already; lower it with "make lab-down" first.');
  return { ...identity, slots: { ...identity.slots, [cluster]: slot } };
}

interface LinkListing {
  readonly ifname: string;
  readonly addr_info: readonly { readonly local?: string; readonly prefixlen?: number }[];
}

/** Who holds a number on this machine: this lab, nobody, or something else (another lab, a VPN, a real network). */
export async function holderOfNumber(number: number): Promise<'this lab' | 'nobody' | 'another'> {
  const links = JSON.parse(await read('ip', ['-json', 'address', 'show'])) as LinkListing[];
  const bridge = links.find((link) => link.ifname === `fh${number}`);
  if (bridge !== undefined) return (await isOwnBridge(bridge.ifname)) ? 'this lab' : 'another';
  const addresses = links.flatMap((link) => link.addr_info.map((info) => ({ ...info })));
  if (addresses.some((info) => coversNumber(info.local ?? '', info.prefixlen ?? 32, number)))
    return 'another';
  const routes = JSON.parse(await read('ip', ['-json', 'route', 'show'])) as { readonly dst: string }[];
  const clash = routes.some((route) => {
    const [network = '', length = '32'] = route.dst.split('/');
    return coversNumber(network, Number(length), number);
  });
  return clash ? 'another' : 'nobody';
}

/** The numbers of all bridges that name this lab, whatever its files say. */
export async function ownNumbers(): Promise<number[]> {
  const names = (await readdir('/sys/class/net')).filter((name) => /^fh\d+$/.test(name));
  const own = await Promise.all(
    names.map(async (name) => ((await isOwnBridge(name)) ? [Number(name.slice(2))] : [])),
  );
  return own.flat();
}

/** A bridge without an alias is one that this lab was about to name when it died. */
async function isOwnBridge(name: string): Promise<boolean> {
  const alias = (await readFile(`/sys/class/net/${name}/ifalias`, 'utf8')).trim();
  if (alias === '') return (await readIdentity())?.id === name;
  return alias === bridgeAlias;
}

/**
 * Whether a network overlaps 10.`number`.0.0/16. Networks as wide as all of 10.0.0.0/8 (a company's VPN) do not count:
 * the lab's subnet is more specific, and no number would be free otherwise.
 */
export function coversNumber(network: string, prefixLength: number, number: number): boolean {
  const octets = network.split('.').map(Number);
  const [first, second = 0] = octets;
  if (octets.length !== 4 || first !== 10 || prefixLength <= 8) return false;
  const sharedBits = Math.min(prefixLength, 16) - 8;
  return second >> (8 - sharedBits) === number >> (8 - sharedBits);
}
