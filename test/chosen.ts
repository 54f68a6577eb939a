/** Which of several things are asked for: `SHAPES=helm,bootstrap-only make test-shapes`. */

/** Those that the environment variable names, separated by commas, in the order of `names`; all where it names none. @throws Error for a name that is none */
export function chosen<Name extends string>(variable: string, names: readonly Name[]): readonly Name[] {
  const asked = (process.env[variable] ?? '').split(',').filter(Boolean);
  const unknown = asked.filter((name) => !(names as readonly string[]).includes(name));
  if (unknown.length > 0)
    throw new Error(`${variable} has no ${unknown.join(', ')}; there are ${names.join(', ')}`);
  return asked.length === 0 ? names : names.filter((name) => asked.includes(name));
}
