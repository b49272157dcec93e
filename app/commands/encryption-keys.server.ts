import { outboxColumns } from "#app/outbox/sealed-columns.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { createKeyring, type Keyring } from "#app/platform/keyring.server.ts";
import {
  checkEncryptionKeys,
  describeNeed,
  type KeyNeed,
  listKeyNeeds,
} from "#app/platform/keys/key-needs.server.ts";
import {
  countDirectJobs,
  type Rotated,
  recordNoDirectRows,
  resealColumn,
  rewrapDataKeys,
  type SealedColumn,
} from "#app/platform/keys/rotate-keys.server.ts";
import { createWrappingKeys } from "#app/platform/keys/wrapping-keys.server.ts";
import { privacyColumns } from "#app/privacy/sealed-columns.server.ts";
import { runColumns } from "#app/runs/sealed-columns.server.ts";
import { shopColumns } from "#app/shops/sealed-columns.server.ts";
import type { CommandContext, CommandResult } from "./command.server.ts";
import { formatTable } from "./format-table.server.ts";
import { withDatabase } from "./with-database.server.ts";

/** All encrypted columns; the short ones first, whose keys are needed for years. */
export const sealedColumns: readonly SealedColumn[] = [
  ...shopColumns,
  ...privacyColumns,
  ...runColumns,
  ...outboxColumns,
];

/** `pinrelay keys rotate` */
export async function rotateKeys(context: CommandContext): Promise<CommandResult> {
  return withDatabase(context, async ({ db, config: { ENCRYPTION_KEYS: keys } }) => {
    await checkEncryptionKeys(db.pool, keys);
    const wrapping = createWrappingKeys(keys);
    const wrapped = await whileBusy(() => rewrapDataKeys(db.upkeep.pool, wrapping));
    const rows = await resealRows(db, createKeyring(keys));
    if (rows.busy === 0) await recordNoDirectRows(db.pool);
    const busy = wrapped.busy + rows.busy;
    const locked = wrapped.locked + rows.locked;
    const status = await describeKeys(db, wrapping.ids);
    const text = [
      `Data keys wrapped under ${wrapping.firstId}: ${wrapped.done}. Rows encrypted anew: ${rows.done}.`,
      ...(locked > 0 ? [`${locked} cannot be decrypted by any key of ENCRYPTION_KEYS: left.`] : []),
      ...(busy > 0 ? [`${busy} were in use: run the command again in an hour.`] : []),
      ...status.sentences,
    ].join("\n");
    const json = { rewrapped: wrapped.done, resealed: rows.done, locked, busy, keys: status.keys };
    return { json: { ok: busy === 0, ...json }, text, exitCode: busy === 0 ? 0 : 1 };
  });
}

/** `pinrelay keys status` */
export async function showKeys(context: CommandContext): Promise<CommandResult> {
  return withDatabase(context, async ({ db, config: { ENCRYPTION_KEYS: keys } }) => {
    const status = await describeKeys(
      db,
      keys.map(({ id }) => id),
    );
    const rows = status.keys.map(({ id, in_environment: isGiven, needed_by: needs }) => [
      id,
      isGiven ? "yes" : "no",
      needs || "nothing",
    ]);
    const table = formatTable(["KEY", "IN ENCRYPTION_KEYS", "NEEDED BY"], rows);
    return { json: { keys: status.keys }, text: [table, ...status.sentences].join("\n") };
  });
}

interface KeyStatus {
  id: string;
  in_environment: boolean;
  shops: number;
  needed_by: string;
  may_be_removed: boolean;
}

/** The keys of the environment, the first one first, and then those that are needed and lack there. */
async function describeKeys(
  db: Pick<Database, "pool">,
  ids: readonly string[],
): Promise<{ keys: KeyStatus[]; sentences: string[] }> {
  const needs = new Map((await listKeyNeeds(db.pool)).map((need) => [need.id, need]));
  const keys = [...new Set([...ids, ...needs.keys()])].map((id): KeyStatus => {
    const need: KeyNeed | undefined = needs.get(id);
    return {
      id,
      in_environment: ids.includes(id),
      shops: need?.shops ?? 0,
      needed_by: need === undefined ? "" : describeNeed(need),
      may_be_removed: need === undefined && id !== ids[0],
    };
  });
  const sentences = keys
    .slice(1)
    .map(({ id, needed_by: what, may_be_removed: mayGo }) =>
      mayGo ? `${id} may be removed from ENCRYPTION_KEYS.` : `${id} is still needed by ${what}.`,
    );
  return { keys, sentences };
}

const MOST_TRIES = 5;

/** What changed meanwhile may be what another rotation has done: it is looked at again. */
async function whileBusy(rotate: () => Promise<Rotated>): Promise<Rotated> {
  let done = 0;
  for (let tries = 1; ; tries += 1) {
    const last = await rotate();
    done += last.done;
    if (last.busy === 0 || tries === MOST_TRIES) return { ...last, done };
  }
}

async function resealRows(db: Database, keyring: Keyring): Promise<Rotated> {
  const total = { done: 0, locked: 0, busy: await countDirectJobs(db.pool) };
  for (const column of sealedColumns) {
    const { done, locked, busy } = await whileBusy(() => resealColumn(db.upkeep, keyring, column));
    total.done += done;
    total.locked += locked;
    total.busy += busy;
  }
  return total;
}
