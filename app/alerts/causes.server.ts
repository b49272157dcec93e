import { BILLING_PAUSE } from "#app/events/billing-state.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import { formatNotice } from "#app/events/notices/format-notice.ts";
import type { Notice } from "#app/events/notices/notice.ts";
import type { NoticeKey } from "#app/events/notices/notices.ts";
import type { AlertFacts, AlertWriter, Readings, Severity, Verdict } from "./alert.server.ts";
import { compareOrders } from "./compare-orders.server.ts";

export interface Cause {
  severity: Severity;
  /** The page of the admin where the next step is taken, after `/app`. */
  path: string;
  /** It is believed when two checks in a row see it: what a person has put back waits for a moment. */
  isConfirmed?: boolean;
  /** Once it has ended, it does not begin again for this long. */
  restMinutes?: number;
  /** Home checks it at each look, so that it goes there the moment it is mended. */
  isShownLive?: boolean;
  /** The setting by which a merchant does without its messages; Home shows it all the same. */
  setting?: "alert_connection" | "alert_late" | "alert_refused" | "alert_orders" | "alert_daily";
  judge(readings: Readings): Verdict;
  describe(facts: AlertFacts, writer: AlertWriter): Notice & { action?: string };
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Fewer rejected events are a single order's fault; Home calls the same share many. */
const REJECTED = { least: 10, share: 0.05, calmShare: 0.02 };
/** A shop of few orders never has ten of them in an hour. */
const REJECTED_IN_A_DAY = { least: 3, share: 0.5 };
/** Home warns as early; the extra day keeps a renewal of minutes from ending it. */
const SIGN_IN_DAYS = { begin: 7, end: 8 };
/** Comparisons run once a day: two in a row failed. */
const UNCHECKED_MS = 48 * 60 * MINUTE_MS;
/** Shopify's refresh tokens live for 90 days; two weeks are left to open the app. */
const ACCESS_DAYS = { lasts: 90, begin: 76 };
const KEPT = "Your events are kept.";

const OVER: Verdict = { is: "over" };
const UNCLEAR: Verdict = { is: "unclear" };
const on = (facts: AlertFacts): Verdict => ({ is: "on", facts });

/**
 * Everything that a shop is alerted of: how it is judged, when it begins and ends, and its words.
 * What ends it is always milder than what begins it: else one that is at the edge would begin and end
 * with each check. docs/operations.md has the same list for who gets one.
 */
export const CAUSES = {
  orders_dropped: {
    severity: "critical",
    setting: "alert_orders",
    path: "/help",
    restMinutes: 180,
    judge: compareOrders,
    describe: ({ n = 0, hours = 0, usual = 0 }, { number }) =>
      formatNotice("orders_dropped.banner", { n, h: number(hours), usual: number(usual) }),
  },
  events_rejected: {
    severity: "critical",
    setting: "alert_refused",
    path: "/events?state=rejected",
    restMinutes: 60,
    judge({ recent, slow }) {
      const { judged, rejected, rejectedLately } = recent;
      if (rejected >= REJECTED.least && rejected > REJECTED.share * judged) {
        return on({ n: rejected, all: judged, hours: 1 });
      }
      if (slow === null) return UNCLEAR;
      if (judged >= REJECTED.least && rejected <= REJECTED.calmShare * judged) return OVER;
      if (rejectedLately === 0) return OVER;
      const { day } = slow;
      const isMost = day.rejected > REJECTED_IN_A_DAY.share * day.judged;
      return day.rejected >= REJECTED_IN_A_DAY.least && isMost
        ? on({ n: day.rejected, all: day.judged, hours: 24 })
        : UNCLEAR;
    },
    describe: ({ n = 0, all = 0, hours = 0 }, { number }) =>
      formatNotice("events_refused.alert", { count: number(n), all: number(all), h: hours }),
  },
  sending_late: {
    severity: "critical",
    setting: "alert_late",
    path: "",
    isConfirmed: true,
    restMinutes: 30,
    isShownLive: true,
    judge({ connection, recent }) {
      // While it is paused, that is the alert.
      if (recent.hasLate && connection?.state === "active") return on({});
      return recent.stillWaits === false ? OVER : UNCLEAR;
    },
    describe: () => formatNotice("sending_late.alert", {}),
  },
  events_expiring: {
    severity: "warning",
    setting: "alert_late",
    path: "",
    isConfirmed: true,
    judge({ connection, slow }) {
      if (slow === null) return UNCLEAR;
      const { n, firstAt, withinThreeDays } = slow.expiring;
      if (withinThreeDays === 0) return OVER;
      // A shop that was never connected is led by the setup guide.
      if (n === 0 || firstAt === null || connection === null) return UNCLEAR;
      return on({ n, until: firstAt.toISOString() });
    },
    describe: ({ n = 0, until }, { number, day }) =>
      formatNotice("events_expiring.banner", { n, count: number(n), date: day(toDate(until)) }),
  },
  connection_paused: {
    severity: "critical",
    setting: "alert_connection",
    path: "/settings/connection",
    isShownLive: true,
    judge({ connection }) {
      if (connection?.state !== "paused" || connection.pauseReason === "merchant") return OVER;
      const { pauseReason, account, detail } = connection;
      return on({ reason: pauseReason ?? "", account, detail: detail ?? "" });
    },
    describe: ({ reason, account = "", detail = "" }) => {
      const values = { account, detail, kept: KEPT };
      return formatNotice(lookUp(PAUSES, reason) ?? "connection_refused.connection", values);
    },
  },
  sign_in_ending: {
    severity: "warning",
    setting: "alert_connection",
    path: "/settings/connection",
    isShownLive: true,
    judge({ now, connection }) {
      const endsAt = connection?.kind === "sign_in" ? connection.endsAt : null;
      if (endsAt === null || connection === null) return OVER;
      const days = (endsAt.getTime() - now.getTime()) / DAY_MS;
      if (days > SIGN_IN_DAYS.end) return OVER;
      if (days > SIGN_IN_DAYS.begin || connection.state !== "active") return UNCLEAR;
      const failedAt = connection.renewalFailedAt?.toISOString();
      return on({ until: endsAt.toISOString(), ...(failedAt && { since: failedAt }) });
    },
    describe: ({ until, since }, { day }) => {
      const date = day(toDate(until));
      return since === undefined
        ? formatNotice("sign_in_ending.untried", { date })
        : formatNotice("sign_in_ending.banner", { date, since: day(toDate(since)) });
    },
  },
  second_sender: {
    severity: "warning",
    path: "/quality/duplicates",
    isShownLive: true,
    judge({ slow }) {
      if (slow === null) return UNCLEAR;
      if (slow.sender === null) return OVER;
      const { tag, sharesIds } = slow.sender;
      return on({ tag, reason: sharesIds === false ? "differs" : "seen" });
    },
    describe: ({ tag = "", reason }) =>
      formatNotice(reason === "differs" ? "double_sender.differs" : "double_sender.seen", { tag }),
  },
  orders_unchecked: {
    severity: "warning",
    setting: "alert_orders",
    path: "/help",
    judge({ now, installedAt, slow }) {
      if (slow === null) return UNCLEAR;
      const { result = null, sweptAt = null } = slow.sweep ?? {};
      if (result === null || result === "done") return OVER;
      const since = sweptAt ?? installedAt;
      if (now.getTime() - since.getTime() < UNCHECKED_MS) return OVER;
      // It comes nearer with each run.
      return result === "unfinished" ? UNCLEAR : on({ reason: result, since: since.toISOString() });
    },
    describe: ({ reason, since }, { day }) =>
      formatNotice(
        reason === "denied" || reason === "no_session"
          ? "orders_unchecked"
          : "orders_unchecked.failing",
        { since: day(toDate(since)) },
      ),
  },
  shopify_access_ending: {
    severity: "warning",
    setting: "alert_orders",
    path: "",
    judge({ now, slow }) {
      if (slow === null) return UNCLEAR;
      const { sessionAt } = slow;
      if (sessionAt === null) return OVER;
      const ageMs = now.getTime() - sessionAt.getTime();
      if (ageMs < ACCESS_DAYS.begin * DAY_MS) return OVER;
      const until = new Date(sessionAt.getTime() + ACCESS_DAYS.lasts * DAY_MS);
      return on({ until: until.toISOString(), since: sessionAt.toISOString() });
    },
    describe: ({ until, since }, { day }) =>
      formatNotice("shopify_access_ending", {
        date: day(toDate(until)),
        since: day(toDate(since)),
      }),
  },
  privacy_late: {
    severity: "warning",
    path: "/settings/privacy",
    judge({ slow }) {
      if (slow === null) return UNCLEAR;
      const n = slow.latePrivacyRequests;
      return n === 0 ? OVER : on({ n });
    },
    describe: ({ n = 0 }, { number }) =>
      formatNotice("privacy_late.banner", { n, count: number(n) }),
  },
  /** Begins and ends with its one message a day. */
  daily_summary: {
    severity: "info",
    path: "",
    setting: "alert_daily",
    judge: () => UNCLEAR,
    // No fault: Help has no entry of it, and it no id.
    describe: (facts, { number, day }) => {
      const { all = 0, n = 0, refused = 0, late = 0, waiting = 0, open = 0, since } = facts;
      const counts = { refused: number(refused), late: number(late), waiting: number(waiting) };
      const date = day(toDate(since));
      const values = { ...counts, date, all, count: number(all), accepted: number(n), open };
      const words = (text: string) => formatMessage(text, values);
      const { title, cause, nextStep } = SUMMARY;
      return { id: "", title: words(title), cause: words(cause), nextStep: words(nextStep) };
    },
  },
} as const satisfies { [id: string]: Cause };

export type CauseId = keyof typeof CAUSES;

/** The one cause that is no trouble, and comes to many stores at once. */
export const SUMMARY_CAUSE: CauseId = "daily_summary";

export const CAUSE_IDS = Object.keys(CAUSES) as CauseId[];

/** The rule of a cause that a row names; undefined for one of another version. */
export function findCause(id: string): Cause | undefined {
  return lookUp<Cause>(CAUSES, id);
}

const SUMMARY = {
  title:
    "{date}: {all, plural, one {{count} event} other {{count} events}}, {accepted} accepted by Pinterest",
  cause: "{refused} refused, {late} too late, {waiting} waiting; your settings left out the rest.",
  nextStep:
    "{open, plural, =0 {Nothing needs you.} one {# alert is open: see Home.} other {# alerts are open: see Home.}}",
} as const;

/** Words of a connection that the system paused, by the reason. */
const PAUSES = {
  forbidden: "role_missing.connection",
  account_not_found: "role_missing.hidden",
  internal: "stopped_by_fault",
  [BILLING_PAUSE]: "plan_overdue.connection",
} as const satisfies { [reason: string]: NoticeKey };

function toDate(iso: string | undefined): Date {
  return new Date(iso ?? 0);
}
