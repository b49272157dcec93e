import type { ApiKeyScope } from "#app/events/api-key-scope.ts";
import type { Database } from "#app/platform/db.server.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { createApiKey, revokeApiKey } from "#app/shops/api-keys.server.ts";
import { readCallbackSecret } from "#app/shops/callback-secret.server.ts";
import { type CommandContext, CommandError, type CommandResult } from "./command.server.ts";
import { formatTable } from "./format-table.server.ts";
import { requireShop, withDatabase } from "./with-database.server.ts";

/** `pinrelay shop api-key`: the key is printed this once. */
export async function makeApiKey(
  context: CommandContext,
  {
    shop: domain,
    name,
    scope: scopes,
  }: { shop: string; name: string; scope: readonly ApiKeyScope[] },
): Promise<CommandResult> {
  return withDatabase(context, async ({ db }) => {
    await requireShop({ db }, domain);
    const key = await createApiKey({ db }, { domain, name, actor: "cli", scopes });
    return { json: { shop: domain, api_key: key }, text: key };
  });
}

/** `pinrelay shop api-keys` */
export async function showApiKeys(
  context: CommandContext,
  { shop: domain }: { shop: string },
): Promise<CommandResult> {
  return withDatabase(context, async ({ db }) => {
    const { id } = await requireShop({ db }, domain);
    const keys = await listApiKeys({ db }, id);
    const rows = keys.map((key) => [
      key.id,
      key.name,
      key.scopes.join(", "),
      key.created_at,
      key.last_used_at ?? "never",
      key.revoked_at ?? "no",
    ]);
    const text =
      keys.length === 0
        ? "The shop has no API key. `pinrelay shop api-key` makes one."
        : formatTable(["ID", "NAME", "SCOPES", "MADE", "LAST USED", "REVOKED"], rows);
    return { json: { shop: domain, api_keys: keys }, text };
  });
}

/** `pinrelay shop revoke-api-key` */
export async function endApiKey(
  context: CommandContext,
  { shop: domain, key }: { shop: string; key: string },
): Promise<CommandResult> {
  return withDatabase(context, async ({ db }) => {
    const { id: shopId } = await requireShop({ db }, domain);
    if (await revokeApiKey({ db }, { shopId, keyId: BigInt(key), actor: "cli" })) {
      const text = `API key ${key} is revoked: the next request with it is refused.`;
      return { json: { ok: true, shop: domain, revoked: key }, text };
    }
    throw new CommandError(
      {
        code: "not_found",
        message: `${domain} has no API key ${key} that could be revoked.`,
        action: "`pinrelay shop api-keys` names the shop's keys.",
      },
      1,
    );
  });
}

/** `pinrelay shop callback-secret`: what the results posted to a URL are signed with. */
export async function showCallbackSecret(
  context: CommandContext,
  { shop: domain }: { shop: string },
): Promise<CommandResult> {
  return withDatabase(context, async ({ db, config }) => {
    await requireShop({ db }, domain);
    const keyring = createKeyring(config.ENCRYPTION_KEYS);
    const secret = await readCallbackSecret({ db, keyring }, domain);
    return { json: { shop: domain, callback_secret: secret }, text: secret };
  });
}

/** A key of a shop, without the key: that was shown once. */
interface ApiKeyRow {
  id: string;
  name: string;
  scopes: string[];
  created_at: string;
  last_used_at: string | null;
  revoked_at: string | null;
}

/** The shop's API keys, the newest first, revoked ones included. */
export async function listApiKeys(
  { db }: { db: Pick<Database, "readAsShop"> },
  shopId: bigint,
): Promise<ApiKeyRow[]> {
  const keys = await db.readAsShop(shopId, (tx) =>
    tx.shopApiKey.findMany({ where: { shopId }, orderBy: { id: "desc" } }),
  );
  return keys.map((key) => ({
    id: String(key.id),
    name: key.name,
    scopes: key.scopes,
    created_at: key.createdAt.toISOString(),
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
  }));
}
