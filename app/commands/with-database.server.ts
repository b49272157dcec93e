import { type Database, openDatabase } from "#app/platform/db.server.ts";
import { describeDatabaseFault } from "#app/platform/env/describe-start-fault.server.ts";
import { type CommandConfig, parseEnv } from "#app/platform/env/env.server.ts";
import { type FoundShop, findShop } from "#app/shops/find-shop.server.ts";
import { type CommandContext, CommandError, type Failure } from "./command.server.ts";

/** Opens the database that the environment names, as the app does, and closes it afterwards. */
export async function withDatabase<T>(
  { env }: CommandContext,
  work: (services: { db: Database; config: CommandConfig }) => Promise<T>,
): Promise<T> {
  const config = parseEnv(env, { forCommand: true });
  const db = await openDatabase(config).catch((error: unknown) => {
    throw new CommandError(databaseFailure(config, error), 1);
  });
  try {
    return await work({ db, config });
  } finally {
    await db.close();
  }
}

/** What keeps a command from the database, and the next step. */
export function databaseFailure(
  { DATABASE_URL, DATA_DIR }: CommandConfig,
  error: unknown,
): Failure {
  const { code, message } = error as { code?: string; message?: string };
  const where = DATABASE_URL === undefined ? `in ${DATA_DIR}` : "that DATABASE_URL names";
  const sentence = describeDatabaseFault(error, { DATABASE_URL, DATA_DIR });
  return {
    code: "database_unavailable",
    message:
      sentence ??
      `The database ${where} cannot be used: ${message || code || "it does not answer"}`,
    action:
      DATABASE_URL === undefined
        ? "Check that the folder of DATA_DIR can be written, and that its disk has room."
        : "Check DATABASE_URL, that Postgres runs, and that its user may log in.",
  };
}

/** The shop of `--shop`, installed or not. */
export async function requireShop(
  { db }: { db: Pick<Database, "pool"> },
  domain: string,
): Promise<FoundShop> {
  const shop = await findShop({ db }, domain);
  if (shop !== null) return shop;
  throw new CommandError(
    {
      code: "not_found",
      message: `${domain} is not known here.`,
      action:
        "`pinrelay shop list` names the shops. Install the app in the shop, or create it with `pinrelay shop connect`. Without DATABASE_URL, check that DATA_DIR is the app's.",
    },
    1,
  );
}
