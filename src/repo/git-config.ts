/** Passes git settings through the environment, so that no key path or helper stands in an argument. */

/** Variables that add settings to those which the caller's environment already passes this way. */
export function configEnvironment(settings: [key: string, value: string][]): Record<string, string> {
  const inherited = Number.parseInt(process.env['GIT_CONFIG_COUNT'] ?? '0', 10) || 0;
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(inherited + settings.length) };
  for (const [index, [key, value]] of settings.entries()) {
    variables[`GIT_CONFIG_KEY_${inherited + index}`] = key;
    variables[`GIT_CONFIG_VALUE_${inherited + index}`] = value;
  }
  return variables;
}
