import { randomBytes, randomInt } from "node:crypto";

export interface LocalAdAccount {
  id: string;
  name: string;
  country: string;
  currency: string;
  owner: { id: string; username: string };
  permissions: string[];
  created_time: number;
  updated_time: number;
}

export interface LocalTag {
  id: string;
  ad_account_id: string;
  name: string;
  [key: string]: unknown;
}

export type TokenKind = "oauth" | "conversion";

export interface TokenRights {
  kind: TokenKind;
  /** Ad account ids, or all. */
  accounts: string[] | "*";
  scopes: string[];
}

/** Roles whose token may send events, as `events/create` names them. */
const SENDING_ROLES = ["OWNER", "ADMIN", "ANALYST", "AUDIENCE_MANAGER", "CAMPAIGN_MANAGER"];
const ALL_SCOPES = ["ads:read", "ads:write", "user_accounts:read"];
const TAG_FLAGS = [
  "aem_enabled",
  "aem_fnln_enabled",
  "aem_ph_enabled",
  "aem_ge_enabled",
  "aem_db_enabled",
  "aem_loc_enabled",
  "aem_external_id_enabled",
];

export interface Directory {
  /** Once one account is added, all others are unknown (403). */
  addAccount(account: { id: string } & Partial<LocalAdAccount>): LocalAdAccount;
  accounts(): LocalAdAccount[];
  /** Once one token is added, all others are refused (401). */
  addToken(token: string, rights?: Partial<TokenRights>): void;
  revokeToken(token: string): void;
  /** Makes a token as Pinterest would; it does not make other tokens unknown. */
  issueToken(rights?: Partial<TokenRights>): string;
  /** The rights of a token; undefined if it is refused. */
  rightsOf(token: string | null): TokenRights | undefined;
  /** False: no conversion token is issued. Default true. */
  giveConversionTokens(isGiven: boolean): void;
  givesConversionTokens(): boolean;
  /** True: apps may ask to delete conversions, as in Pinterest's beta. Default false. */
  offerDeletions(isOffered: boolean): void;
  offersDeletions(): boolean;
  /** What was asked to be deleted. */
  deletions: { adAccountId: string; emails: string[]; requestId: string }[];
  mayUse(rights: TokenRights, adAccountId: string, action: "read" | "send"): boolean;
  tags(adAccountId: string): LocalTag[];
  createTag(adAccountId: string, body: { name: string } & Record<string, unknown>): LocalTag;
  /** Makes a custom event name known, as advertiser-defined events do. */
  defineEvent(adAccountId: string, name: string): void;
  definedEvents(adAccountId: string): ReadonlySet<string>;
}

function completeAccount(account: { id: string } & Partial<LocalAdAccount>): LocalAdAccount {
  return {
    name: `Ad account ${account.id}`,
    country: "US",
    currency: "USD",
    owner: { id: "1022106077902810180", username: "sandboxowner" },
    permissions: ["OWNER"],
    created_time: 1_700_000_000,
    updated_time: 1_700_000_000,
    ...account,
  };
}

function newTag(adAccountId: string, body: { name: string } & Record<string, unknown>): LocalTag {
  const id = `26${randomInt(10 ** 10, 10 ** 11)}`;
  const configs: Record<string, unknown> = { md_frequency: body.md_frequency ?? 1 };
  for (const flag of TAG_FLAGS) configs[flag] = body[flag] ?? false;
  return {
    id,
    ad_account_id: adAccountId,
    name: body.name,
    code_snippet: `<script type=text/javascript> pintrk('load', '${id}'); pintrk('page'); </script>`,
    version: "3",
    status: "ACTIVE",
    enhanced_match_status: "UNKNOWN",
    last_fired_time_ms: null,
    configs: { ...configs, no_code_capi_domains: [] },
  };
}

/** The ad accounts of the demo: one with the right to send, and one without. */
const DEFAULT_ACCOUNTS = [
  completeAccount({ id: "549755885175", name: "Sandbox ad account" }),
  completeAccount({
    id: "549755885200",
    name: "Sandbox ad account, invoices only",
    permissions: ["FINANCE_VIEW"],
  }),
];

/** Ad accounts, tokens and tags of the local Pinterest. Empty, it takes any account and `pina_…` token. */
export function createDirectory(): Directory {
  const accounts = new Map<string, LocalAdAccount>();
  const tokens = new Map<string, TokenRights>();
  const revoked = new Set<string>();
  const tags = new Map<string, LocalTag[]>();
  const events = new Map<string, Set<string>>();
  let isClosed = false;
  let isGiving = true;
  let isOffering = false;

  const complete = (rights: Partial<TokenRights>): TokenRights => ({
    kind: "oauth",
    accounts: "*",
    scopes: ALL_SCOPES,
    ...rights,
  });

  return {
    addAccount(account) {
      const added = completeAccount(account);
      accounts.set(added.id, added);
      return added;
    },
    accounts: () => (accounts.size === 0 ? DEFAULT_ACCOUNTS : [...accounts.values()]),
    addToken(token, rights = {}) {
      isClosed = true;
      revoked.delete(token);
      tokens.set(token, complete(rights));
    },
    revokeToken(token) {
      tokens.delete(token);
      revoked.add(token);
    },
    issueToken(rights = {}) {
      const token = `pina_${randomBytes(48).toString("base64url").toUpperCase()}`;
      tokens.set(token, complete(rights));
      return token;
    },
    rightsOf(token) {
      if (token === null || revoked.has(token)) return undefined;
      const known = tokens.get(token);
      if (known !== undefined || isClosed) return known;
      return /^pina_.+/.test(token) ? complete({}) : undefined;
    },
    giveConversionTokens(isGiven) {
      isGiving = isGiven;
    },
    givesConversionTokens: () => isGiving,
    offerDeletions(isOffered) {
      isOffering = isOffered;
    },
    offersDeletions: () => isOffering,
    deletions: [],
    mayUse(rights, adAccountId, action) {
      if (rights.accounts !== "*" && !rights.accounts.includes(adAccountId)) return false;
      const isEmpty = accounts.size === 0;
      const account = isEmpty
        ? DEFAULT_ACCOUNTS.find(({ id }) => id === adAccountId)
        : accounts.get(adAccountId);
      if (account === undefined) return isEmpty;
      return action === "read" || account.permissions.some((role) => SENDING_ROLES.includes(role));
    },
    tags(adAccountId) {
      const known = tags.get(adAccountId) ?? [newTag(adAccountId, { name: "Sandbox tag" })];
      tags.set(adAccountId, known);
      return known;
    },
    createTag(adAccountId, body) {
      const tag = newTag(adAccountId, body);
      tags.set(adAccountId, [...this.tags(adAccountId), tag]);
      return tag;
    },
    defineEvent(adAccountId, name) {
      events.set(adAccountId, (events.get(adAccountId) ?? new Set()).add(name));
    },
    definedEvents: (adAccountId) => events.get(adAccountId) ?? new Set(),
  };
}
