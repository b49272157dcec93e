/**
 * What a table has under a key that somebody else may have chosen; undefined where it has nothing
 * of its own. `table[key]` would find what every object has: `constructor` is a function, `__proto__`
 * an object, and a page that is to show one of them fails.
 */
export function lookUp<T>(
  table: Readonly<Partial<Record<string, T>>>,
  key: string | null | undefined,
): T | undefined {
  if (key === null || key === undefined || !Object.hasOwn(table, key)) return undefined;
  return table[key];
}
