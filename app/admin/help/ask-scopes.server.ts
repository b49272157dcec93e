import { formatNotice } from "#app/events/notices/format-notice.ts";
import type { ShopifyAdmin } from "#app/shopify/ask-shopify.server.ts";
import { fetchGrantedScopes } from "#app/shopify/scopes.server.ts";
import { helpTexts } from "./texts.ts";
import type { CheckRow } from "./view.ts";

const ANSWER_WITHIN_MS = 5_000;

/** The check of what the merchant granted. A silent Shopify is a result of it. */
export async function askScopes(admin: ShopifyAdmin, needed: readonly string[]): Promise<CheckRow> {
  const { check } = helpTexts;
  const asked = await fetchGrantedScopes(admin, AbortSignal.timeout(ANSWER_WITHIN_MS));
  if (!asked.ok) {
    return { id: "scopes", result: "unknown", text: check.scopesUnknown, detail: null, fix: null };
  }
  const missing = missingScopes(asked.found, needed);
  if (missing.length === 0) {
    return { id: "scopes", result: "ok", text: check.scopes, detail: null, fix: null };
  }
  const notice = formatNotice("scopes_missing", { scopes: missing.join(", ") });
  const { title, cause, nextStep } = notice;
  const detail = `${cause} ${nextStep}`;
  return { id: "scopes", result: "problem", text: title, detail, fix: null };
}

/** Whoever may write a thing may read it: Shopify lists only the first. */
function missingScopes(granted: readonly string[], needed: readonly string[]): string[] {
  const known = new Set(granted.flatMap((scope) => [scope, scope.replace(/^write_/, "read_")]));
  return needed.filter((scope) => !known.has(scope));
}
