import { type CommandConfig, ConfigError } from "./env.server.ts";

/** Whether a process outside sandbox mode keeps its database in a folder of its own. */
export function isLeftToThisMachine(
  config: Pick<CommandConfig, "DATABASE_URL" | "SHOPIFY_SANDBOX_URL">,
): boolean {
  return config.DATABASE_URL === undefined && config.SHOPIFY_SANDBOX_URL === undefined;
}

/**
 * The default folder is usually deleted with the next deploy, and every shop with it: outside
 * sandbox mode, an embedded database must be chosen explicitly.
 *
 * @throws ConfigError
 */
export function requireDatabase(
  env: Record<string, string | undefined>,
  config: Pick<CommandConfig, "DATABASE_URL" | "SHOPIFY_SANDBOX_URL">,
): void {
  if (!isLeftToThisMachine(config) || env.DATA_DIR?.trim()) return;
  throw new ConfigError(
    "DATABASE_URL is missing: set it to a Postgres 15 or newer, or set DATA_DIR to a folder that stays, such as a mounted volume, and Pinrelay keeps a Postgres of its own there",
  );
}
