import { formatFields, formatTable, plain } from "#app/commands/format-table.server.ts";
import type { ConversionTag } from "#app/pinterest/answers.server.ts";
import type { TagDocument, TagsDocument } from "#app/tasks/task-document.server.ts";
import { describeExchanges } from "./describe-exchanges.server.ts";

const DEMO = "Demo: Pinterest was not asked, and these are made up.";

export function describeTags({ demo, tags, requests, note = "" }: TagsDocument): string {
  if (tags.length === 0) return note;
  const rows = tags.map((tag) => [tag.id, tag.name, tag.status, lastFired(tag)]);
  return [
    ...(demo ? [DEMO, ""] : []),
    formatTable(["TAG ID", "NAME", "STATUS", "LAST FIRED"], rows),
    ...(demo ? ["", describeExchanges(requests ?? [])] : []),
  ].join("\n");
}

export function describeTag({ demo, tag, requests }: TagDocument): string {
  const snippet = tag.code_snippet?.split("\n").map(plain) ?? [];
  return [
    ...(demo ? [DEMO, ""] : []),
    formatFields({
      "tag id": tag.id,
      name: tag.name,
      status: tag.status,
      "last fired": lastFired(tag),
      "ad account": tag.ad_account_id,
    }),
    ...(snippet.length > 0 ? ["", ...snippet] : []),
    ...(demo ? ["", describeExchanges(requests ?? [])] : []),
  ].join("\n");
}

function lastFired({ last_fired_time_ms: at }: ConversionTag): string {
  if (at === null || at === undefined) return "never";
  const moment = new Date(at);
  return Number.isNaN(moment.getTime()) ? "-" : moment.toISOString();
}
