import { toEventQuery } from "#app/admin/shell/event-filter.ts";
import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import { say } from "#app/admin/shell/format/say.ts";
import type { IdSource } from "#app/events/mapped-event.ts";
import { type DuplicatesView, duplicatesTexts } from "./duplicates-texts.ts";
import { RECENT_DAYS, type RecentSums } from "./read-recent-sums.server.ts";

const texts = duplicatesTexts.shares;

/** Where the ids of accepted purchases came from. The two shares add up to 100%. */
export function describeShares(
  recent: RecentSums | null,
  format: Formatter,
): Pick<DuplicatesView, "shares" | "sharesNote"> {
  if (recent === null) return { shares: null, sharesNote: texts.failed };
  const counts = { browser: 0, order: 0, given: 0 };
  for (const { kind, idSource, n } of recent.sums) {
    if (kind === "checkout" && isIdSource(idSource)) counts[idSource] += n;
  }
  const whole = counts.browser + counts.order;
  if (whole + counts.given === 0) return { shares: null, sharesNote: texts.none };
  const share = shareOf(counts.browser, whole);
  const describe = (
    idSource: "browser" | "order",
    heading: string,
    text: string,
    part: number,
  ) => ({
    heading: say(heading, {
      share: format.percent(part, whole === 0 ? 0 : 100),
      n: format.number(counts[idSource]),
    }),
    text,
    url: eventsUrl(idSource),
  });
  const day = format.day(recent.sinceDay);
  return {
    shares: {
      browser: describe("browser", texts.browser, texts.browserText, share),
      order: describe("order", texts.order, texts.orderText, 100 - share),
      given:
        counts.given === 0
          ? null
          : { text: say(texts.given, { n: counts.given }, format.locale), url: eventsUrl("given") },
      note:
        recent.cappedAt === null
          ? say(texts.since, { day })
          : say(texts.capped, { n: format.number(recent.cappedAt), day }),
    },
    sharesNote: "",
  };
}

/** In percent, to a tenth; 0 and 100 only where they are exact, so that the other is too. */
function shareOf(part: number, whole: number): number {
  if (part === 0 || part === whole) return part === 0 ? 0 : 100;
  const share = Math.round((part / whole) * 1_000) / 10;
  return Math.min(Math.max(share, 0.1), 99.9);
}

function isIdSource(source: string): source is IdSource {
  return source === "browser" || source === "order" || source === "given";
}

/** The list of exactly these events: a link that shows another number would be worth nothing. */
function eventsUrl(idSource: IdSource): string {
  const period = { days: RECENT_DAYS };
  const query = toEventQuery({ kinds: ["checkout"], states: ["accepted"], idSource, period });
  return `/app/events?${query}`;
}
