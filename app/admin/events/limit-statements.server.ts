import type { Prisma } from "#prisma/client/client.ts";

/** Whoever waits longer is told so instead; sending must not suffer from looking. */
const TIMEOUT_MS = 2_000;
/** Postgres' name for a statement that took too long. */
const CANCELLED = /57014|statement timeout/;

/** Within a `readAsShop`: for the statements that follow. */
export async function limitStatements(tx: Prisma.TransactionClient): Promise<void> {
  await tx.$queryRaw`select set_config('statement_timeout', ${String(TIMEOUT_MS)}, true)`;
}

/** Whether a read failed because it took too long. */
export function isTooSlow(error: unknown): boolean {
  return error instanceof Error && CANCELLED.test(error.message);
}
