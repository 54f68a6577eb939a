/** The terminal a command writes to: what it can show, and whether a person sits in front of it. */
import pc from 'picocolors';
import { namingConfig, namingConfigIn } from './naming-config.ts';

export type Paint = ReturnType<typeof pc.createColors>;

export interface Terminal {
  /** A person can be asked: stdin and stdout are both terminals and `--json` was not given. */
  interactive: boolean;
  /** Programs read stdout: only JSON goes there. */
  json: boolean;
  /** Width for people, 100 when stdout is no terminal. */
  columns: number;
  rows: number;
  paint: Paint;
  /** Writes a line (or a page) to stdout. */
  print(text: string): void;
  /** Writes a remark to stderr, also with `--json`. */
  remark(text: string): void;
  /** Writes a value to stdout: one line when `lines`, else indented. */
  printJson(value: unknown, layout?: 'page' | 'line'): void;
}

/** A narrower page wraps badly, a wider one is hard on the eyes. */
const narrowest = 60;
const widest = 140;

/** @param config the handover file as the person named it: commands to paste say so, too */
export function openTerminal({ json, config }: { json: boolean; config: string }): Terminal {
  const { stdout, stderr, stdin } = process;
  const colour = stdout.isTTY && !json && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  return {
    interactive: stdin.isTTY && stdout.isTTY && !json,
    json,
    get columns() {
      return stdout.isTTY ? Math.min(widest, Math.max(narrowest, stdout.columns)) : 100;
    },
    get rows() {
      return stdout.isTTY ? stdout.rows : 1000;
    },
    paint: pc.createColors(colour),
    print: (text) => void stdout.write(`${namingConfig(text, config)}\n`),
    remark: (text) => void stderr.write(`${namingConfig(text, config)}\n`),
    printJson: (value, layout = 'page') =>
      void stdout.write(
        `${JSON.stringify(namingConfigIn(value, config), null, layout === 'page' ? 2 : undefined)}\n`,
      ),
  };
}

/** A terminal for tests and files: no colour, nobody in front of it. */
export function plainPaint(): Paint {
  return pc.createColors(false);
}
