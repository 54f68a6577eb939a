/** A workflow's history as a JSON file and back: the protobuf message with enums and bytes as text. */
import { readFile, writeFile } from 'node:fs/promises';
import protocol from '@temporalio/proto';

const { History } = protocol.temporal.api.history.v1;
export type History = protocol.temporal.api.history.v1.History;

// Not the SDK's historyToJSON and historyFromJSON: they fail where npm has put more than one copy of protobufjs into node_modules.
export async function writeHistory(file: URL, history: protocol.temporal.api.history.v1.IHistory): Promise<void> {
  const json = History.toObject(History.fromObject(history), { enums: String, longs: String, bytes: String });
  // Who polled, on which machine, and where its code lay, is nothing that a replay looks at.
  const neutral = (key: string, value: unknown): unknown => {
    if (key === 'stackTrace') return '';
    return typeof value === 'string' ? value.replaceAll(/\d+@[\w.-]+/g, 'recorder') : value;
  };
  await writeFile(file, `${JSON.stringify(json, neutral)}\n`);
}

export async function readHistory(file: string): Promise<History> {
  return History.fromObject(JSON.parse(await readFile(file, 'utf8')) as object);
}
