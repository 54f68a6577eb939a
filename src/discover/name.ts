/** Makes names that handover.yaml accepts. */

/** Lower-case letters, digits and dashes; `home` where nothing is left. */
export function dnsName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  return name === '' ? 'home' : name;
}

/** What a repository is called, by its URL or folder. */
export function repositoryName(address: string): string {
  const last = address
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .split(/[/:\\]/)
    .at(-1);
  return dnsName(last ?? '');
}
