/** A scope to write includes the one to read: Shopify lists only the first. */
export function findMissingScopes(granted: readonly string[], needed: readonly string[]): string[] {
  const known = new Set(granted.flatMap((scope) => [scope, scope.replace(/^write_/, "read_")]));
  return needed.filter((scope) => !known.has(scope));
}
