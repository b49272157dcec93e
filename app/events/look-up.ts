/**
 * Looks up a key that may come from outside; undefined where the table has no entry of its own.
 * `table[key]` would find what every object has: `constructor` is a function, `__proto__` an
 * object, and a page that has to show one of them fails.
 */
export function lookUp<T>(
  table: Readonly<Partial<Record<string, T>>>,
  key: string | null | undefined,
): T | undefined {
  if (key === null || key === undefined || !Object.hasOwn(table, key)) return undefined;
  return table[key];
}
