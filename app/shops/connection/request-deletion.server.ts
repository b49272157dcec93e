import type { PinterestClient } from "#app/pinterest/client.server.ts";
import { askSignedIn, readSignInAccess, type SignInServices } from "./ask-signed-in.server.ts";

export type DeletionServices = SignInServices & {
  pinterest: Pick<PinterestClient, "requestDeletion">;
};

/**
 * What Pinterest said. `not_offered`: the service is in beta, and this app or ad account is not in it.
 * `no_sign_in`: a pasted token cannot ask, or nothing is connected. `waits`: ask again later.
 */
export type DeletionAnswer =
  | { kind: "asked"; adAccountId: string; requestId: string }
  | { kind: "not_offered" | "refused"; adAccountId: string }
  | { kind: "no_sign_in" }
  | { kind: "waits"; seconds: number };

/**
 * Asks Pinterest to delete what it has of a person, under the shop's sign-in. Whatever it answers is no
 * word against the connection, which sends events with another token. `isOffered` says whether this ad
 * account may be asked at all.
 */
export async function requestDeletion(
  services: DeletionServices,
  shop: { id: bigint; domain: string; state: string },
  email: string,
  isOffered: (adAccountId: string) => Promise<boolean>,
): Promise<DeletionAnswer> {
  const access = await readSignInAccess(services, shop);
  const isInstalled = shop.state === "installed";
  if (isInstalled && access.kind === "paused") return { kind: "waits", seconds: 0 };
  if (!isInstalled || access.kind !== "signed_in") return { kind: "no_sign_in" };
  const { adAccountId } = access;
  if (!(await isOffered(adAccountId))) return { kind: "not_offered", adAccountId };
  const answer = await askSignedIn(services, shop, access, (query) =>
    services.pinterest.requestDeletion({ ...query, emails: [email] }),
  );
  if (answer.ok) return { kind: "asked", adAccountId, requestId: answer.value };
  switch (answer.error.kind) {
    case "unauthorized":
      // A sign-in that has ended says nothing of the service.
      return answer.hasEnded ? { kind: "no_sign_in" } : { kind: "not_offered", adAccountId };
    case "forbidden":
    case "not_found":
      return { kind: "not_offered", adAccountId };
    case "invalid":
      return { kind: "refused", adAccountId };
    case "rate_limited":
    case "unavailable":
    case "unreadable":
      return { kind: "waits", seconds: answer.error.retryAfterSeconds ?? 0 };
  }
}
