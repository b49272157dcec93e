import { z } from "zod";
import { boundedText } from "#app/events/bounded-text.ts";
import type { Visit } from "#app/events/visit.ts";
import type { DataKeys, Decrypter } from "#app/platform/keyring.server.ts";

/** Longer than any value that intake keeps of a browser. */
const MAX_TEXT = 4_000;

const text = boundedText(MAX_TEXT).nullable();
const flag = z.boolean().nullable();

const visitBody = z.object({
  consent: z.object({ marketingAllowed: flag, saleOfDataAllowed: flag }),
  evidence: z.object({
    clientId: text,
    ip: text,
    userAgent: text,
    language: text,
    // Visits of before have none.
    location: text.default(null),
    page: text,
  }),
});

/** The two encrypted columns of a visit's row. */
export interface SealedVisit {
  body: Buffer;
  /** Apart from the body, because a later page may know no click id. */
  clickId: Buffer | null;
}

/**
 * The identity that a column of a visit is bound to: copied to the row of another checkout, or to
 * another shop's, it cannot be decrypted.
 */
export function visitIdentity(shopId: bigint, key: string, column: "body" | "click_id"): string {
  return `visit:${column}:${shopId}:${key}`;
}

/** Encrypts what a browser told, for the row of `key` (`visitKey`). */
export function sealVisit(
  keys: DataKeys,
  { shopId, key }: { shopId: bigint; key: string },
  { consent, evidence: { clickId, ...evidence } }: Pick<Visit, "consent" | "evidence">,
): SealedVisit {
  const body = JSON.stringify({ consent, evidence } satisfies z.infer<typeof visitBody>);
  return {
    body: keys.encrypt(shopId, body, visitIdentity(shopId, key, "body")),
    clickId:
      clickId === null
        ? null
        : keys.encrypt(shopId, clickId, visitIdentity(shopId, key, "click_id")),
  };
}

/**
 * Decrypts them.
 *
 * Throws KeyringError, or ZodError where another version wrote the body.
 */
export function openVisit(
  keys: Decrypter,
  { shopId, key }: { shopId: bigint; key: string },
  sealed: SealedVisit,
): Pick<Visit, "consent" | "evidence"> {
  const body = keys.decrypt(sealed.body, visitIdentity(shopId, key, "body"));
  const { consent, evidence } = visitBody.parse(JSON.parse(body.toString("utf8")));
  const clickId =
    sealed.clickId &&
    keys.decrypt(sealed.clickId, visitIdentity(shopId, key, "click_id")).toString("utf8");
  return { consent, evidence: { ...evidence, clickId } };
}
