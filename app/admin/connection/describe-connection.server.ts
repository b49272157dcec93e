import type { Formatter, Moment } from "#app/admin/shell/formatter.server.ts";
import type { BadgeTone } from "#app/admin/shell/read-status.server.ts";
import { keptTexts } from "#app/admin/shell/texts.ts";
import { BILLING_PAUSE } from "#app/events/billing-state.ts";
import { SENDABLE_SECONDS } from "#app/events/event-state.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import { formatNotice } from "#app/events/notices/format-notice.ts";
import type { NoticeWords } from "#app/events/notices/notice.ts";
import type {
  StoredConnection,
  StoredFacts,
  WaitingForAccount,
} from "./read-connection-facts.server.ts";
import { connectionTexts as texts } from "./texts.ts";

/**
 * The view of the page, every text filled in. It holds no token, only the last characters of one.
 */
export interface ConnectionPage {
  state: "none" | "choose" | "connected" | "refused" | "role" | "paused";
  badge: { label: string; tone?: BadgeTone };
  /** Why nothing is sent, or what was kept; null while all is well. */
  problem: NoticeWords | null;
  intro: string | null;
  /** What became of a sign-in that has just ended. */
  notice: string | null;
  isSignInOffered: boolean;
  connection: ConnectionFacts | null;
  /** A sign-in whose account is to be chosen. */
  signedInAs: string | null;
  disconnectText: string;
  /** Events that wait for an ad account and may still go to another. */
  waiting: WaitingLine[];
}

export interface WaitingLine {
  adAccountId: string;
  /** `23 purchases wait for Acme EU.` */
  text: string;
}

export interface ConnectionFacts {
  kind: "pasted" | "sign_in";
  adAccountId: string;
  /** `Acme US`; the id where the name is not known. */
  accountName: string;
  currencyNote: string | null;
  sendingWith: string;
  limitNote: string | null;
  lasts: string;
  isEnding: boolean;
  lastTest: { moment: Moment; result: string; hasPassed: boolean } | null;
}

interface Context {
  format: Formatter;
  /** ISO 4217. */
  storeCurrency: string;
  isSignInOffered: boolean;
  /** What became of a sign-in that has just ended. */
  notice: string | null;
}

/** The page, in words. */
export function describeConnection(facts: StoredFacts, context: Context): ConnectionPage {
  const { connection, signIn, waiting } = facts;
  const { format, isSignInOffered, notice } = context;
  const state = toState(facts);
  const kept = {
    n: waiting.n,
    date: waiting.firstAt === null ? "" : runsOut(waiting.firstAt, format),
  };
  const isMissing = state === "none" || (state === "choose" && connection === null);
  return {
    state,
    badge: { label: texts.badges[state], ...chooseTone(state) },
    problem: describeProblem(state, kept, connection),
    intro: isMissing
      ? kept.n > 0
        ? formatMessage(texts.intro.kept, kept)
        : texts.intro.none
      : null,
    notice: findNotice(notice),
    isSignInOffered,
    connection: connection === null ? null : describeFacts(connection, context),
    signedInAs:
      signIn === null
        ? null
        : signIn.signedInAs === null
          ? ""
          : formatMessage(texts.account.signedInAs, { name: signIn.signedInAs }),
    disconnectText: formatMessage(texts.disconnect.text, kept),
    waiting: facts.waitingByAccount.map((waits) => describeWaiting(waits, connection)),
  };
}

function describeWaiting(
  { adAccountId, n, purchases }: WaitingForAccount,
  connection: StoredConnection | null,
): WaitingLine {
  const isCurrent = connection?.adAccountId === adAccountId;
  const account = isCurrent ? formatName(connection) : adAccountId;
  const text = n === purchases ? texts.waiting.purchases : texts.waiting.events;
  return { adAccountId, text: formatMessage(text, { n, account }) };
}

function toState({ connection, signIn }: StoredFacts): ConnectionPage["state"] {
  if (connection === null) return signIn === null ? "none" : "choose";
  if (connection.state === "active") return "connected";
  switch (connection.pauseReason) {
    case "unauthorized":
      return "refused";
    case "forbidden":
    case "account_not_found":
      return "role";
    default:
      return "paused";
  }
}

const TONES = {
  none: undefined,
  choose: "attention",
  connected: "success",
  refused: "critical",
  role: "critical",
  paused: "warning",
} as const satisfies Record<ConnectionPage["state"], BadgeTone | undefined>;

function chooseTone(state: ConnectionPage["state"]): { tone?: BadgeTone } {
  const tone = TONES[state];
  return tone === undefined ? {} : { tone };
}

function runsOut(firstAt: Date, format: Formatter): string {
  return format.day(format.dayOf(new Date(firstAt.getTime() + SENDABLE_SECONDS * 1_000)));
}

function describeProblem(
  state: ConnectionPage["state"],
  waiting: { n: number; date: string },
  connection: StoredConnection | null,
): NoticeWords | null {
  const kept =
    waiting.n === 0
      ? keptTexts.none
      : formatMessage(keptTexts.kept, { ...waiting, count: waiting.n });
  switch (state) {
    case "refused":
      return formatNotice("connection_refused.connection", { kept });
    case "role": {
      const account = connection === null ? "" : formatName(connection);
      return formatNotice("role_missing.connection", { account, kept });
    }
    case "paused":
      return describePause(connection, kept);
    default:
      return null;
  }
}

function describePause(connection: StoredConnection | null, kept: string): NoticeWords {
  switch (connection?.pauseReason) {
    // After a fault of ours, resuming would fail again, so the text is the one on Home.
    case "internal":
      return formatNotice("stopped_by_fault.banner", {
        detail: connection.troubleDetail ?? "",
        kept,
      });
    case BILLING_PAUSE:
      return formatNotice("plan_overdue.connection", { kept });
    default:
      return formatNotice("paused.connection", { kept });
  }
}

function findNotice(notice: string | null): string | null {
  return lookUp(texts.notices, notice) ?? null;
}

function formatName({ accountName, adAccountId }: StoredConnection): string {
  return accountName ?? adAccountId;
}

function describeFacts(
  connection: StoredConnection,
  { format, storeCurrency }: Context,
): ConnectionFacts {
  const { kind, adAccountId, accountCurrency, testedAt, testResult } = connection;
  const differs = accountCurrency !== null && accountCurrency !== storeCurrency;
  const currencies = { account: accountCurrency ?? "", store: storeCurrency };
  const hasPassed = testResult === "passed";
  return {
    kind,
    adAccountId,
    accountName: formatName(connection),
    currencyNote: differs ? formatMessage(texts.account.currency, currencies) : null,
    sendingWith: sendingWith(connection, format),
    limitNote:
      kind === "sign_in" && connection.conversionTokenAt === null ? texts.facts.limit : null,
    ...lasting(connection, format),
    lastTest:
      testedAt === null
        ? null
        : {
            moment: format.moment(testedAt),
            result: hasPassed ? texts.facts.passed : texts.facts.failed,
            hasPassed,
          },
  };
}

function sendingWith(
  { kind, conversionTokenAt, tokenEnd }: StoredConnection,
  format: Formatter,
): string {
  const { facts } = texts;
  const what =
    conversionTokenAt !== null
      ? formatMessage(facts.conversion, { date: format.day(format.dayOf(conversionTokenAt)) })
      : facts[kind === "sign_in" ? "signIn" : "pasted"];
  return tokenEnd === null ? what : `${what} ${formatMessage(facts.ending, { end: tokenEnd })}`;
}

function lasting(
  connection: StoredConnection,
  format: Formatter,
): Pick<ConnectionFacts, "lasts" | "isEnding"> {
  const { facts } = texts;
  const { hasRefreshToken, renewalFailedAt } = connection;
  const endsAt =
    (hasRefreshToken ? connection.refreshExpiresAt : null) ?? connection.tokenExpiresAt;
  if (connection.kind === "pasted" || endsAt === null) {
    return { lasts: facts.pastedLasts, isEnding: false };
  }
  const day = (date: Date) => format.day(format.dayOf(date));
  const date = day(endsAt);
  if (renewalFailedAt !== null) {
    return {
      lasts: formatMessage(facts.failing, { date, since: day(renewalFailedAt) }),
      isEnding: true,
    };
  }
  return {
    lasts: formatMessage(hasRefreshToken ? facts.renews : facts.ends, { date }),
    isEnding: false,
  };
}
