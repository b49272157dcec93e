import type { Prisma } from "#prisma/client/client.ts";

/** Postgres' name for a statement that took too long, as Prisma's message has it. */
const CANCELLED = /57014|statement timeout/;

/** Limits the statements that follow within a `readAsShop`: sending must not suffer from looking. */
export async function limitStatements(
  tx: Prisma.TransactionClient,
  timeoutMs: number,
): Promise<void> {
  await tx.$queryRaw`select set_config('statement_timeout', ${String(timeoutMs)}, true)`;
}

/** Whether a read failed because it took too long: a reader is told so rather than kept waiting. */
export function isTooSlow(error: unknown): boolean {
  return error instanceof Error && CANCELLED.test(error.message);
}
