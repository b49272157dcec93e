import type { Database } from "#app/platform/db.server.ts";

/** Notes the access scopes that an installed shop grants now. */
export async function updateScopes(
  { db }: { db: Pick<Database, "pool"> },
  { domain, scopes }: { domain: string; scopes: readonly string[] },
): Promise<void> {
  await db.pool.query("update shop set scopes = $2 where domain = $1 and state = 'installed'", [
    domain,
    scopes.join(","),
  ]);
}
