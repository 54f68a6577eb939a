// What is inside the lab's images: controllers, operator, DNS, pause and the demo app, under their upstream names.
import { join } from 'node:path';
import { CONTROLLERS, COREDNS_VERSION, FLUX_OPERATOR_VERSION } from './groups.ts';
import type { ImageContent } from './image.ts';

export interface ImageSources {
  /** The merged folder of binaries. */
  bin: string;
  /** The operator module's `config/` folder. */
  operatorConfig: string;
  /** The lab CA's certificate, PEM text: the images trust it and nothing else. */
  authority: string;
  /** A statically linked busybox. */
  busybox: string;
  /** Names of busybox's applets. */
  applets: string[];
}

const PAUSE_REFERENCE = 'registry.k8s.io/pause:3.10';
const COREDNS_REFERENCE = `registry.k8s.io/coredns/coredns:v${COREDNS_VERSION}`;
const DEMO_REFERENCE = 'ghcr.io/haynes/demo:1.0.0';
const FLUX_OPERATOR_REFERENCE = `ghcr.io/controlplaneio-fluxcd/flux-operator:v${FLUX_OPERATOR_VERSION}`;

const PASSWD = `root:x:0:0:root:/root:/sbin/nologin
nonroot:x:65532:65532:nonroot:/tmp:/sbin/nologin
nobody:x:65534:65534:nobody:/tmp:/sbin/nologin
`;
const GROUPS = `root:x:0:
nonroot:x:65532:
nobody:x:65534:
`;
/** The operator reads it and stalls its FluxInstance when the base image is not the one it knows. */
const DISTROLESS = `PRETTY_NAME="Distroless"
NAME="Debian GNU/Linux"
ID="debian"
VERSION_ID="12"
VERSION="Debian GNU/Linux 12 (bookworm)"
`;
/** PID 1 has no default action for SIGTERM, so it is trapped, else every pod would take its whole grace period to end. */
const PAUSE = 'trap "exit 0" TERM INT; while sleep 86400 & wait $!; do :; done';
const DEMO = `#!/bin/sh
trap 'exit 0' TERM INT
httpd -f -p "\${PORT:-8080}" -h "\${ROOT:-/srv}" &
wait $!
`;

export function imageContents(sources: ImageSources): ImageContent[] {
  const base = {
    '/etc/ssl/certs/ca-certificates.crt': sources.authority,
    '/etc/passwd': PASSWD,
    '/etc/group': GROUPS,
  };
  const shell = {
    executables: { '/bin/busybox': sources.busybox },
    links: Object.fromEntries(sources.applets.map((applet) => [`/bin/${applet}`, 'busybox'])),
  };
  return [
    ...Object.entries(CONTROLLERS).map(([name, version]) => ({
      reference: `ghcr.io/fluxcd/${name}:v${version}`,
      texts: base,
      executables: { [`/usr/local/bin/${name}`]: join(sources.bin, name) },
      entrypoint: [`/usr/local/bin/${name}`],
      user: '65534:65534',
    })),
    {
      reference: FLUX_OPERATOR_REFERENCE,
      texts: { ...base, '/etc/os-release': DISTROLESS },
      executables: { '/flux-operator': join(sources.bin, 'flux-operator-manager') },
      // Without the digests in flux-images/vX the operator deploys tags: the lab's images have digests of their own.
      folders: {
        '/data': {
          from: join(sources.operatorConfig, 'data'),
          leaveOut: (path) => path.startsWith('flux-images/v'),
        },
      },
      entrypoint: ['/flux-operator'],
      user: '65532:65532',
    },
    {
      reference: COREDNS_REFERENCE,
      texts: base,
      executables: { '/coredns': join(sources.bin, 'coredns') },
      entrypoint: ['/coredns'],
    },
    { reference: PAUSE_REFERENCE, texts: base, ...shell, entrypoint: ['/bin/sh', '-c', PAUSE] },
    {
      reference: DEMO_REFERENCE,
      texts: { ...base, '/bin/demo': DEMO, '/srv/index.html': 'demo\n' },
      ...shell,
      entrypoint: ['/bin/sh'],
      command: ['/bin/demo'],
      user: '65534:65534',
    },
  ];
}
