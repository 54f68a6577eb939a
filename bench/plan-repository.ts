/** Generates a large GitOps repository, the same for the same seed: 10,000 files, 400 Flux Kustomizations, two clusters' folders. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';

export interface Shape {
  seed: number;
  files: number;
  kustomizations: number;
}

/** The fixture of a small cluster, which the generated apps are put around. */
const fixture = path.join(import.meta.dirname, '../src/plan/fixtures/home');
const namespaces = 20;

/** Small and quick, and the same on every machine. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Writes the repository into an empty folder and commits it to the branch `main`. @returns what was written */
export function generateRepository(
  folder: string,
  { seed, files, kustomizations }: Shape,
): { files: number; kustomizations: number; bytes: number } {
  cpSync(fixture, folder, { recursive: true });
  // The cluster follows this very repository.
  const source = path.join(folder, 'kubernetes/home/flux/config/cluster.yaml');
  writeFileSync(source, readFileSync(source, 'utf8').replace(/url: .*/, `url: file://${folder}`));
  const random = generator(seed);
  let count = 15;
  let bytes = 0;
  const write = (file: string, content: string): void => {
    const place = path.join(folder, file);
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, content);
    count += 1;
    bytes += content.length;
  };
  // The fixture has four: two roots and two apps; the owner of Flux is the fifth.
  const apps = kustomizations - 5;
  const listed = Map.groupBy(
    Array.from({ length: apps }, (_, index) => ({
      name: `app-${index}`,
      namespace: `space-${index % namespaces}`,
    })),
    ({ namespace }) => namespace,
  );
  for (const [namespace, members] of listed) {
    const top = `kubernetes/home/apps/${namespace}`;
    write(
      `${top}/kustomization.yaml`,
      `---\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: ${namespace}\nresources:\n  - ./namespace.yaml\n${members.map(({ name }) => `  - ./${name}/ks.yaml\n`).join('')}`.replace(
        `namespace: ${namespace}\n`,
        '',
      ),
    );
    write(
      `${top}/namespace.yaml`,
      `---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${namespace}\n  annotations:\n    kustomize.toolkit.fluxcd.io/prune: disabled\n`,
    );
    for (const { name } of members) writeApp(write, `${top}/${name}`, name, namespace, random);
  }
  // The other cluster and everything that is no manifest fill it up.
  const missing = files - count;
  for (let index = 0; index < missing; index += 1) {
    if (index % 2 === 0)
      write(
        `kubernetes/other/apps/space-${index % 50}/part-${index}/release.yaml`,
        release(`part-${index}`, 'other', random),
      );
    else
      write(
        `docs/pages/${index % 40}/page-${index}.md`,
        `# Page ${index}\n\n${'Words about it.\n'.repeat(20)}`,
      );
  }
  const git = (...words: string[]): void => {
    execFileSync('git', [
      '-C',
      folder,
      '-c',
      'user.name=bench',
      '-c',
      'user.email=bench@example.com',
      ...words,
    ]);
  };
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'generated');
  return { files: count, kustomizations, bytes };
}

function writeApp(
  write: (file: string, content: string) => void,
  folder: string,
  name: string,
  namespace: string,
  random: () => number,
): void {
  write(
    `${folder}/ks.yaml`,
    `---
# yaml-language-server: $schema=https://json.schemastore.org/kustomization
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: &app ${name}
  namespace: flux-system
spec:
  targetNamespace: ${namespace}
  commonMetadata:
    labels:
      app.kubernetes.io/name: *app
  path: ./${folder}/app
  prune: true
  sourceRef:
    kind: GitRepository
    name: home-kubernetes
  wait: ${random() < 0.5 ? 'true' : 'false'}
  interval: 30m
  retryInterval: 1m
  timeout: 5m
  postBuild:
    substitute:
      APP: *app
`,
  );
  const resources = ['./helmrelease.yaml', './ocirepository.yaml'];
  write(`${folder}/app/helmrelease.yaml`, release(name, namespace, random));
  write(
    `${folder}/app/ocirepository.yaml`,
    `---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata:\n  name: ${name}\nspec:\n  interval: 1h\n  layerSelector:\n    mediaType: application/vnd.cncf.helm.chart.content.v1.tar+gzip\n    operation: copy\n  ref:\n    tag: ${Math.floor(random() * 9)}.${Math.floor(random() * 30)}.0\n  url: oci://ghcr.io/example/charts/${name}\n`,
  );
  if (random() < 0.4) {
    resources.push('./pvc.yaml');
    write(
      `${folder}/app/pvc.yaml`,
      `---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: ${name}\nspec:\n  accessModes: [ReadWriteOnce]\n  resources:\n    requests:\n      storage: ${1 + Math.floor(random() * 50)}Gi\n`,
    );
  }
  if (random() < 0.5) {
    resources.push('./externalsecret.yaml');
    write(
      `${folder}/app/externalsecret.yaml`,
      `---\napiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata:\n  name: ${name}\nspec:\n  secretStoreRef:\n    kind: ClusterSecretStore\n    name: onepassword\n  target:\n    name: ${name}-secret\n  dataFrom:\n    - extract:\n        key: ${name}\n`,
    );
  }
  const dashboards = 3 + Math.floor(random() * 12);
  const named = Array.from({ length: dashboards }, (_, index) => `dashboard-${index}.json`);
  for (const file of named) write(`${folder}/app/resources/${file}`, JSON.stringify({ title: name, file }));
  write(
    `${folder}/app/kustomization.yaml`,
    `---\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n${resources.map((entry) => `  - ${entry}\n`).join('')}configMapGenerator:\n  - name: ${name}-dashboards\n    files:\n${named.map((file) => `      - ./resources/${file}\n`).join('')}generatorOptions:\n  disableNameSuffixHash: true\n`,
  );
}

function release(name: string, namespace: string, random: () => number): string {
  const variables = Array.from(
    { length: 10 + Math.floor(random() * 30) },
    (_, index) => `            SETTING_${index}: "${Math.floor(random() * 1e6)}"\n`,
  );
  return `---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: ${name}
spec:
  interval: 1h
  chartRef:
    kind: OCIRepository
    name: ${name}
  values:
    controllers:
      main:
        containers:
          app:
            image:
              repository: ghcr.io/${namespace}/${name}
              tag: ${Math.floor(random() * 9)}.${Math.floor(random() * 30)}.1
            env:
${variables.join('').replaceAll('            SETTING', '              SETTING')}            resources:
              requests:
                cpu: ${Math.floor(random() * 500)}m
    service:
      app:
        ports:
          http:
            port: 8080
`;
}
