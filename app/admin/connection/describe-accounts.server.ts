import { describeTrouble } from "#app/admin/shell/pinterest-trouble.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import type { ShownNotice } from "#app/events/notices/notice.ts";
import type { AskFailure } from "#app/events/pinterest-access.ts";
import type {
  AdAccountChoice,
  AdAccountList,
} from "#app/shops/connection/list-ad-accounts.server.ts";
import type { StoredConnection } from "./read-connection-facts.server.ts";
import { connectionTexts as texts } from "./texts.ts";

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
  | { kind: "trouble"; trouble: ShownNotice }
  | { kind: "listed"; options: AccountOption[]; preselected: string | null; notes: string[] };

/** The choice of the ad account, in words. The one usable account is preselected, and not saved. */
export function describeAccounts(
  listed: AdAccountList | null,
  connection: StoredConnection | null,
): AccountList {
  if (listed === null) return toFailedList("slow");
  if (listed.kind === "none") return { kind: "none" };
  if (listed.kind === "failed") return toFailedList(listed.error);
  const { accounts, isComplete } = listed;
  const options = accounts.map((account) => toOption(account, connection));
  const usable = options.filter(({ fault }) => fault === null);
  const current = options.find(({ isCurrent }) => isCurrent);
  const only = usable.length === 1 ? (usable[0]?.id ?? null) : null;
  const isElsewhere = connection !== null && current === undefined;
  return {
    kind: "listed",
    options,
    preselected: current === undefined || current.fault !== null ? only : current.id,
    notes: [
      ...(accounts.length === 0 ? [texts.account.none] : []),
      ...(isElsewhere
        ? [
            formatMessage(texts.account.notListed, {
              account: connection.accountName ?? connection.adAccountId,
            }),
          ]
        : []),
      ...(isComplete ? [] : [texts.account.incomplete]),
    ],
  };
}

function toFailedList(failure: AskFailure): AccountList {
  const trouble = describeTrouble({ access: "signed_in", failure }, texts.account.subject);
  return trouble === null ? { kind: "none" } : { kind: "trouble", trouble };
}

function toOption(
  { id, name, currency, roles, maySend }: AdAccountChoice,
  connection: StoredConnection | null,
): AccountOption {
  const detail = [id, ...(currency === null ? [] : [currency]), formatRoles(roles)];
  return {
    id,
    name,
    detail: detail.join(" · "),
    isCurrent: connection?.adAccountId === id,
    fault: maySend ? null : texts.account.cannotSend,
    changeText: formatMessage(texts.change.text, { next: name }),
  };
}

function formatRoles(roles: string[] | null): string {
  if (roles === null) return texts.roleUnknown;
  if (roles.length === 0) return texts.roleNone;
  return roles.map(formatRole).join(", ");
}

/** One that Pinterest has added since: its own name, made readable. */
function formatRole(role: string): string {
  const words = role.toLowerCase().replaceAll("_", " ");
  return lookUp(texts.roles, role) ?? `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
}
