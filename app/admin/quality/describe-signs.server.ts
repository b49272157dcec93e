import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import { say } from "#app/admin/shell/format/say.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { lookUp } from "#app/events/look-up.ts";
import { isFiring } from "#app/events/pinterest-tag.ts";
import { duplicatesTexts, type SignRow } from "./duplicates-texts.ts";
import type { StoredFacts } from "./read-stored-facts.server.ts";
import { platformWords } from "./texts.ts";

const { signs: texts, words } = duplicatesTexts;

/** Each sign of another sender with its word; what cannot be looked at says why. */
export function describeSigns(facts: StoredFacts, format: Formatter): SignRow[] {
  return [
    sourceSign(facts),
    overlapSign(facts, format),
    tagSign(facts, format),
    cantTell(texts.page.label, texts.page.cantTell),
    cantTell(texts.cookie.label, texts.cookie.cantTell),
  ];
}

function sourceSign({ access, scores }: StoredFacts): SignRow {
  const { label, seen, notSeen } = texts.source;
  const rows = scores["14d"]?.scores;
  if (rows === undefined || rows.length === 0) return cantTell(label, whyUnknown(access));
  const foreign = rows.filter(({ ingestion }) => ingestion === "TAG");
  if (foreign.length === 0) return notSeenSign(label, notSeen);
  const platforms = foreign
    .map(({ platform }) => lookUp(platformWords, platform) ?? platform)
    .join(", ");
  return seenSign(label, say(seen, { platforms }));
}

function overlapSign({ access, scores }: StoredFacts, format: Formatter): SignRow {
  const { label, seen, notSeen, cantTell: unscored } = texts.overlap;
  const rows = scores["14d"]?.scores;
  if (rows === undefined || rows.length === 0) return cantTell(label, whyUnknown(access));
  const overlap = rows
    .filter(({ ingestion }) => ingestion === "CONVERSIONS_API")
    .map(({ components }) => components.external_event_id?.checkout?.overlap)
    .find((share) => share !== null && share !== undefined);
  if (overlap === undefined || overlap === null) return cantTell(label, unscored);
  if (overlap === 0) return notSeenSign(label, notSeen);
  const word = say(words.overlap, { share: format.percent(overlap, 100) });
  return { sign: label, word, tone: "info", text: seen };
}

function tagSign({ access, tags, storeTagId }: StoredFacts, format: Formatter): SignRow {
  const { label, seen, notSeen, cantTell: unknown } = texts.tag;
  if (tags === null) {
    return cantTell(label, access === "signed_in" ? unknown : texts.signedOut);
  }
  const firing = tags.find((tag) => tag.id !== storeTagId && isFiring(tag, format.now.getTime()));
  if (firing === undefined) return notSeenSign(label, notSeen);
  const time = format.relative(new Date(firing.lastFiredMs ?? 0)).text;
  return seenSign(
    label,
    say(seen, { name: firing.name ?? shellTexts.unnamedTag, id: firing.id, time }),
  );
}

function whyUnknown(access: StoredFacts["access"]): string {
  return access === "signed_in" || access === "paused" ? texts.noScores : texts.signedOut;
}

function seenSign(sign: string, text: string): SignRow {
  return { sign, word: words.seen, tone: "attention", text };
}

function notSeenSign(sign: string, text: string): SignRow {
  return { sign, word: words.notSeen, text };
}

function cantTell(sign: string, text: string): SignRow {
  return { sign, word: words.cantTell, text };
}
