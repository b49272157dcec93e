import { createApiKey } from "#app/shops/create-api-key.server.ts";
import type { CommandContext, CommandResult } from "./command.server.ts";
import { requireShop, withDatabase } from "./with-database.server.ts";

/** `pinrelay shop api-key`: the key is printed this once. */
export async function makeApiKey(
  context: CommandContext,
  { shop: domain }: { shop: string },
): Promise<CommandResult> {
  return withDatabase(context, async ({ db }) => {
    await requireShop({ db }, domain);
    const key = await createApiKey({ db }, { domain, actor: "cli" });
    return { json: { shop: domain, api_key: key }, text: key };
  });
}
