import { type ReplayLeft, replayTexts } from "#app/events/replay-rule.ts";
import { replayEvents as replay } from "#app/outbox/replay-events.server.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import type { CommandContext, CommandResult } from "./command.server.ts";
import { formatTable } from "./format-table.server.ts";
import { requireShop, withDatabase } from "./with-database.server.ts";

export type ReplayOptions = { shop: string } & (
  | { eventIds: readonly string[] }
  | { state: string; since: Date | null }
);

/** `pinrelay events replay`: ends with 1 when there was nothing to send again. */
export async function replayEvents(
  context: CommandContext,
  { shop: domain, ...choice }: ReplayOptions,
): Promise<CommandResult> {
  return withDatabase(context, async ({ db, config }) => {
    const keyring = createKeyring(config.ENCRYPTION_KEYS);
    const { id: shopId } = await requireShop({ db }, domain);
    const { replayed, left } = await replay({ db, keyring }, { shopId, ...choice }, "cli");
    const isDone = replayed.length > 0;
    const named = left.map((event) => ({ ...event, why: wordsFor(event.why) }));
    return {
      json: { ok: isDone, replayed, left: named },
      text: describe(replayed, named),
      exitCode: isDone ? 0 : 1,
    };
  });
}

function wordsFor(why: ReplayLeft): string {
  const text = replayTexts[why];
  return why === "unknown" ? `${text} \`pinrelay events list\` shows what there is.` : text;
}

function describe(
  replayed: readonly string[],
  left: readonly { event_id: string; state: string; why: string }[],
): string {
  const rows = left.map(({ event_id: id, state, why }) => [id, state, why]);
  return [
    replayed.length === 0
      ? "Nothing to send again."
      : `${replayed.length} events are sent again, under the same ids: ${replayed.join(", ")}`,
    ...(rows.length === 0 ? [] : ["", formatTable(["LEFT ALONE", "STATE", "WHY"], rows)]),
  ].join("\n");
}
