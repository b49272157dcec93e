import type { Moment } from "#app/admin/shell/format/formatter.server.ts";
import type { CardTrouble } from "#app/admin/shell/pinterest-trouble.ts";
import type { BadgeTone } from "#app/admin/shell/status.ts";

/** What the page on the connection shows; every text is ready. No token, only the end of one. */
export interface ConnectionPage {
  state: "none" | "choose" | "connected" | "refused" | "role" | "paused";
  badge: { label: string; tone?: BadgeTone };
  /** Why nothing is sent, or what was kept; null while all is well. */
  problem: { title: string; text: string } | null;
  intro: string | null;
  /** What became of a sign-in that has just ended. */
  notice: string | null;
  isSignInOffered: boolean;
  connection: ConnectionFacts | null;
  /** A sign-in whose account is to be chosen. */
  signedInAs: string | null;
  disconnectText: string;
  /** What waits for which ad account, and may still go to another. */
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

export interface AccountOption {
  id: string;
  name: string;
  /** `549769530006 · USD · Admin` */
  detail: string;
  isCurrent: boolean;
  /** Why it can't be chosen. */
  fault: string | null;
  /** What changing to it means, for the question before. */
  changeText: string;
}

export type AccountList =
  | { kind: "none" }
  | { kind: "trouble"; trouble: CardTrouble }
  | { kind: "listed"; options: AccountOption[]; preselected: string | null; notes: string[] };

export interface TestRow {
  id: "token" | "account" | "event";
  label: string;
  mark: "passed" | "failed" | "open";
  /** The catalogue's words. */
  problem: string | null;
}

/** What a button of the page led to. */
export type ConnectionOutcome =
  | { kind: "go"; url: string }
  | { kind: "done"; toast: string }
  | { kind: "faulty"; account: string | null; token: string | null }
  | { kind: "trouble"; title: string; text: string }
  /** Ask again after so many seconds. */
  | { kind: "wait"; seconds: number; text: string }
  | { kind: "tested"; rows: TestRow[]; summary: string; hasPassed: boolean };
