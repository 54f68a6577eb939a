// Makes one container image as a docker-archive tar: a single reproducible layer, a config and a manifest, no container engine needed.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, cp, link, mkdir, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';

export interface ImageContent {
  /** For example `ghcr.io/fluxcd/source-controller:v1.9.3`. */
  reference: string;
  /** Absolute path in the image → text. */
  texts: Record<string, string>;
  /** Absolute path in the image → an executable of this machine. */
  executables: Record<string, string>;
  /** Absolute path in the image → a folder of this machine, and which of its top entries to leave out. */
  folders?: Record<string, { from: string; leaveOut?: (path: string) => boolean }>;
  /** Absolute path in the image → what the link points at. */
  links?: Record<string, string>;
  entrypoint: string[];
  command?: string[];
  /** `uid:gid`; root when left out. */
  user?: string;
}

const REPRODUCIBLE = [
  '--format=gnu',
  '--sort=name',
  '--mtime=@0',
  '--owner=0',
  '--group=0',
  '--numeric-owner',
];

/** Writes the image to `file`; `scratch` is a folder on the same file system, emptied before and after. */
export async function writeImage(content: ImageContent, file: string, scratch: string): Promise<void> {
  await rm(scratch, { recursive: true, force: true });
  const root = join(scratch, 'root');
  await fillRoot(content, root);
  const layer = join(scratch, 'layer.tar');
  await execa('tar', [...REPRODUCIBLE, '-C', root, '-cf', layer, '.']);
  const config = JSON.stringify(imageConfig(content, await digestOf(layer)));
  const configName = `${createHash('sha256').update(config).digest('hex')}.json`;
  await writeFile(join(scratch, configName), config);
  const manifest = [{ Config: configName, RepoTags: [content.reference], Layers: ['layer.tar'] }];
  await writeFile(join(scratch, 'manifest.json'), JSON.stringify(manifest));
  await execa('tar', [
    ...REPRODUCIBLE,
    '-C',
    scratch,
    '-cf',
    `${file}.partial`,
    'manifest.json',
    configName,
    'layer.tar',
  ]);
  await rename(`${file}.partial`, file);
  await rm(scratch, { recursive: true });
}

async function fillRoot(content: ImageContent, root: string): Promise<void> {
  await mkdir(join(root, 'tmp'), { recursive: true });
  // mkdir's mode is cut by the umask.
  await chmod(join(root, 'tmp'), 0o1777);
  for (const [path, { from, leaveOut }] of Object.entries(content.folders ?? {}))
    await cp(from, join(root, path), {
      recursive: true,
      filter: (source) => !leaveOut?.(source.slice(from.length + 1)),
    });
  for (const [path, text] of Object.entries(content.texts))
    await writeFile(await parentOf(join(root, path)), text);
  for (const [path, from] of Object.entries(content.executables))
    await place(from, await parentOf(join(root, path)));
  for (const [path, target] of Object.entries(content.links ?? {}))
    await symlink(target, await parentOf(join(root, path)));
  // Files of the Go module cache are read-only for all but root; folders must be open to the image's user.
  await execa('chmod', ['-R', 'u+rwX,go+rX', root]);
}

/** A hard link where that is possible: the binaries are large. A link(2) of a symbolic link would be one, too. */
async function place(from: string, to: string): Promise<void> {
  const file = await realpath(from);
  await link(file, to).catch(() => cp(file, to));
}

async function parentOf(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  return path;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return `sha256:${hash.digest('hex')}`;
}

/** The OCI image configuration, with a fixed time of creation. */
function imageConfig(content: ImageContent, layerDigest: string): object {
  const created = '1970-01-01T00:00:00Z';
  return {
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    created,
    config: {
      Entrypoint: content.entrypoint,
      ...(content.command ? { Cmd: content.command } : {}),
      ...(content.user ? { User: content.user } : {}),
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      WorkingDir: '/',
    },
    rootfs: { type: 'layers', diff_ids: [layerDigest] },
    history: [{ created, created_by: 'flux-handover lab' }],
  };
}
