/** Names the configuration file in the commands that a person is given to paste, where it is not the usual one. Pure. */
import { commands, usualConfig } from './words.ts';

/** `soak skip`, `status`, …: without arguments, the longest first. */
const names = commands
  .map(({ usage }) => usage.replace(/ [<[].*/, ''))
  .toSorted((left, right) => right.length - left.length);
const command = new RegExp(`\\bflux-handover (?:${names.join('|')})(?![\\w-])(?! (?:--config|-c) )`, 'g');

/** @param file as the person named it */
export function namingConfig(text: string, file: string): string {
  return file === usualConfig ? text : text.replace(command, (found) => `${found} --config ${quoted(file)}`);
}

/** The same for every text in a value. */
export function namingConfigIn(value: unknown, file: string): unknown {
  if (typeof value === 'string') return namingConfig(value, file);
  if (Array.isArray(value)) return value.map((each) => namingConfigIn(each, file));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, namingConfigIn(each, file)]));
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
