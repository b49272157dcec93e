import { type Notice, noticeText } from "#app/events/notices/notice.ts";
import type { AlertWriter, Phase, Severity } from "./alert.server.ts";
import type { Channel } from "./destinations.server.ts";

/** An alert as its receivers read it. */
export interface AlertMessage {
  /** The same for every try: by it the receiver knows a repeat. */
  id: string;
  phase: Phase | "test";
  shop: { domain: string; timeZone: string | null };
  cause: string;
  severity: Severity;
  notice: Pick<Notice, "title" | "cause" | "nextStep">;
  begunAt: Date;
  endedAt: Date | null;
  /** The page of the admin where the next step is taken. */
  link: string;
}

/** The words around a notice. */
const texts = {
  over: "Over: ",
  nothing: "There is nothing you need to do.",
  open: "Open Pinrelay",
  store: "Store",
  since: "Since",
  until: "Until",
  why: "You get this email because your address is in this store's settings of Pinrelay, under Alerts.",
} as const;

/** The words of a message about an end: what it was about is over, and there is nothing to do. */
function wordsOf({ notice, phase }: AlertMessage): Pick<Notice, "title" | "cause" | "nextStep"> {
  if (phase !== "ended") return notice;
  return { ...notice, title: `${texts.over}${notice.title}`, nextStep: texts.nothing };
}

/** The body that is posted to a webhook: Slack's own form where the receiver is Slack. */
export function composePost(message: AlertMessage, channel: Exclude<Channel, "email">): string {
  const words = wordsOf(message);
  if (channel === "slack") return JSON.stringify(composeSlack(message, words));
  return JSON.stringify({
    type: `alert.${message.phase}`,
    timestamp: (message.endedAt ?? message.begunAt).toISOString(),
    data: {
      shop: message.shop.domain,
      cause: message.cause,
      severity: message.severity,
      title: words.title,
      text: words.cause,
      next_step: words.nextStep,
      begun_at: message.begunAt.toISOString(),
      ended_at: message.endedAt?.toISOString() ?? null,
      link: message.link,
    },
  });
}

function composeSlack({ shop, link }: AlertMessage, words: ReturnType<typeof wordsOf>) {
  const title = escapeSlack(words.title);
  const lines = [
    `*${title}*`,
    escapeSlack(noticeText(words)),
    `<${link}|${texts.open}> · ${shop.domain}`,
  ];
  return {
    text: `${title} · ${shop.domain}`,
    blocks: [{ type: "section", text: { type: "mrkdwn", text: lines.join("\n") } }],
  };
}

/** Slack reads these three, and nothing else, as its own. */
function escapeSlack(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** The same as an e-mail in plain text. */
export function composeMail(message: AlertMessage): { subject: string; text: string } {
  const words = wordsOf(message);
  const { shop, begunAt, endedAt, link } = message;
  const time = openTimes(shop.timeZone);
  const facts = [
    `${texts.store}: ${shop.domain}`,
    `${texts.since}: ${time(begunAt)}`,
    ...(endedAt === null ? [] : [`${texts.until}: ${time(endedAt)}`]),
    `${texts.open}: ${link}`,
  ];
  return {
    subject: `${words.title} (${shop.domain})`,
    text: `${[words.cause, words.nextStep, facts.join("\n"), texts.why].join("\n\n")}\n`,
  };
}

/** Receivers are asked for no language: all get what the screens are written in. */
const LOCALE = "en-US";

/** Writes the numbers and days of an alert in the shop's time zone, for webhook, Slack and email. */
export function createAlertWriter(timeZone: string | null): AlertWriter {
  const zone = { timeZone: timeZone ?? "UTC" };
  const days = new Intl.DateTimeFormat(LOCALE, { month: "short", day: "numeric", ...zone });
  const numbers = new Intl.NumberFormat(LOCALE);
  return { number: (count) => numbers.format(count), day: (date) => days.format(date) };
}

function openTimes(timeZone: string | null): (date: Date) => string {
  const format = new Intl.DateTimeFormat(LOCALE, {
    month: "short",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
    timeZoneName: "short",
    timeZone: timeZone ?? "UTC",
  });
  // Newer tables put a narrow space before AM and PM, which some mail readers show as a box.
  return (date) => format.format(date).replaceAll("\u202f", " ");
}
