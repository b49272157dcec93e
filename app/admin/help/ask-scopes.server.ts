import { z } from "zod";
import { say } from "#app/admin/shell/format/say.ts";
import { problemTexts } from "#app/admin/shell/problems/texts.ts";
import { helpTexts } from "./texts.ts";
import type { CheckRow } from "./view.ts";

interface ScopeAdmin {
  graphql(query: string, options?: { signal?: AbortSignal }): Promise<{ json(): Promise<unknown> }>;
}

const QUERY = "query GrantedScopes { currentAppInstallation { accessScopes { handle } } }";
const ANSWER_WITHIN_MS = 5_000;

const answer = z.object({
  data: z.object({
    currentAppInstallation: z.object({ accessScopes: z.array(z.object({ handle: z.string() })) }),
  }),
});

/** Asks Shopify what the merchant granted. Never rejects: a silent Shopify is a result of the check. */
export async function askScopes(admin: ScopeAdmin, needed: readonly string[]): Promise<CheckRow> {
  const { check } = helpTexts;
  try {
    const response = await admin.graphql(QUERY, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    const { accessScopes } = answer.parse(await response.json()).data.currentAppInstallation;
    const missing = missingScopes(
      accessScopes.map(({ handle }) => handle),
      needed,
    );
    if (missing.length === 0) {
      return { id: "scopes", result: "ok", text: check.scopes, detail: null, fix: null };
    }
    const { title, cause, nextStep } = problemTexts.scopesMissing;
    const detail = `${say(cause, { scopes: missing.join(", ") })} ${nextStep}`;
    return { id: "scopes", result: "problem", text: title, detail, fix: null };
  } catch {
    return { id: "scopes", result: "unknown", text: check.scopesUnknown, detail: null, fix: null };
  }
}

/** Whoever may write a thing may read it: Shopify lists only the first. */
function missingScopes(granted: readonly string[], needed: readonly string[]): string[] {
  const known = new Set(granted.flatMap((scope) => [scope, scope.replace(/^write_/, "read_")]));
  return needed.filter((scope) => !known.has(scope));
}
