/** Reads the exact Flux version out of a source's reference; anything that floats is not a version. */

/** `v2.9.2`, `2.9.2` or `v2.9.2@sha256:…` gives `2.9.2`; a range, `latest`, a template or a branch gives null. */
export function exactVersion(reference: string): string | null {
  return /^v?(\d+\.\d+\.\d+)(@sha256:[0-9a-f]{64})?$/.exec(reference.trim())?.[1] ?? null;
}

/** Negative when left is older than right; both exact versions. */
export function compareVersions(left: string, right: string): number {
  const parts = (version: string): number[] => version.split('.').map(Number);
  const [a, b] = [parts(left), parts(right)];
  return (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0) || (a[2] ?? 0) - (b[2] ?? 0);
}

/** Whether a version is at least `major.minor`. */
export function atLeast(version: string, minor: string): boolean {
  return compareVersions(version, `${minor}.0`) >= 0;
}
