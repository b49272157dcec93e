import { randomUUID } from "node:crypto";
import type { LeftOut } from "#app/admin/shell/describe-left-out.server.ts";
import { parseEventFilter, toEventQuery } from "#app/admin/shell/event-filter.ts";
import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { describeReplayChoice, type ReplayQuestion } from "./describe-replay-choice.server.ts";
import { isTooSlow } from "./limit-statements.server.ts";
import { PAGE_ROWS } from "./read-event-page.server.ts";
import { readReplayChoice } from "./read-replay-choice.server.ts";
import { eventsTexts } from "./texts.ts";

export interface AskedReplay {
  question: ReplayQuestion;
  /** What a run takes; null where there is nothing to send. */
  start: {
    rows: bigint[];
    query: string | null;
    leftOut: LeftOut & Record<string, number>;
    token: string;
  } | null;
}

/**
 * What sending again would do: of `rows` of the form, which were ticked, or of all that its `query`
 * finds. Asked again with the `token` of the answer, it is the same question.
 */
export async function askReplay(
  { db }: { db: Pick<Database, "readAsShop"> },
  { shop, format }: { shop: { id: bigint }; format: Formatter },
  form: FormData,
): Promise<AskedReplay> {
  try {
    return await ask({ db }, { shop, format }, form);
  } catch (error) {
    if (!isTooSlow(error)) throw error;
    return { question: FAILED, start: null };
  }
}

const { failed, unknown } = eventsTexts.again;
const FAILED: ReplayQuestion = { title: unknown, lines: [failed], confirm: null, token: "" };

async function ask(
  { db }: { db: Pick<Database, "readAsShop"> },
  { shop, format }: { shop: { id: bigint }; format: Formatter },
  form: FormData,
): Promise<AskedReplay> {
  const ticked = readRows(form.get("rows"));
  const filter = parseEventFilter(new URLSearchParams(textOf(form.get("query"))));
  const choice = await readReplayChoice(
    { db },
    shop,
    ticked === null ? { filter } : { rows: ticked },
    format,
  );
  const token = /^[\w-]{1,64}$/.exec(textOf(form.get("token")))?.[0] ?? randomUUID();
  const question = describeReplayChoice(choice, format, token);
  const query = ticked === null ? toEventQuery(filter) : null;
  const { rows, leftOut } = choice;
  return {
    question,
    start: rows.length === 0 ? null : { rows, query, leftOut: { ...leftOut }, token },
  };
}

function readRows(given: FormDataEntryValue | null): bigint[] | null {
  const text = textOf(given);
  if (text === "") return null;
  const ids = text.split(",").filter((id) => /^\d{1,18}$/.test(id));
  return ids.slice(0, PAGE_ROWS).map(BigInt);
}

function textOf(value: FormDataEntryValue | null): string {
  return typeof value === "string" ? value : "";
}
