import { setTimeout as wait } from "node:timers/promises";
import type { PoolClient } from "pg";
import { findLastTagEntry } from "#app/audit/read-audit-log.server.ts";
import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { PinterestAccess } from "#app/events/pinterest-access.ts";
import {
  findNameFault,
  type NameFault,
  readPinterestTag,
  TAG_SWITCHES,
  type TagSwitch,
} from "#app/events/pinterest-tag.ts";
import type { PinterestError } from "#app/pinterest/result.server.ts";
import { keepTrying } from "#app/platform/work/keep-trying.server.ts";
import {
  askSignedIn,
  readSignInAccess,
  type SignInAccess,
} from "#app/shops/connection/ask-signed-in.server.ts";
import type { TagServices } from "./refresh-tags.server.ts";

export interface NewTagInput {
  name: string;
  switches: readonly TagSwitch[];
  /** Identifies the form: one tag is created, however often the form is posted. */
  formKey: string;
  actor: string;
}

/**
 * `lost`: it is unknown whether Pinterest created the tag, so the request is not repeated. `refused`:
 * no tag was created.
 * `closed`: nothing may be asked for this shop.
 */
export type TagCreation =
  | { kind: "created"; tagId: string }
  | { kind: "lost" }
  | { kind: "refused"; why: PinterestError["kind"]; message: string }
  | { kind: "closed"; access: Exclude<PinterestAccess, "signed_in"> }
  | { kind: "unusable"; fault: NameFault | "form_unknown" };

type Shop = { id: bigint; domain: string };

const FORM_KEY = /^[0-9a-f-]{36}$/;
/** Above what asking takes, once more with a renewed sign-in included. */
const ASK_SECONDS = 30;
const LOOK_AGAIN_MS = 400;
/** Pinterest's answer is kept trying to be noted for so long. */
const NOTE_WITHIN_MS = 60_000;

/**
 * Makes a tag at Pinterest, once for each form: a second post waits for the first, and gets its
 * result. What is asked is noted before it is asked, so that a process that ends in between leaves
 * a form that is never posted again. No connection is held meanwhile.
 */
export async function createTag(
  services: TagServices,
  shop: Shop,
  input: NewTagInput,
): Promise<TagCreation> {
  const name = input.name.trim();
  if (!FORM_KEY.test(input.formKey)) return { kind: "unusable", fault: "form_unknown" };
  const fault = findNameFault(name);
  if (fault !== null) return { kind: "unusable", fault };
  const access = await readSignInAccess(services, shop);
  if (access.kind !== "signed_in") return { kind: "closed", access: access.kind };
  const chosen = TAG_SWITCHES.filter((flag) => input.switches.includes(flag));
  const asked = { name, switches: chosen, form: input.formKey };
  for (;;) {
    const earlier = await services.db.transaction(async (client) => {
      // The first of two posts records its request, and the second finds the record.
      await client.query("select from shop where id = $1 for no key update", [shop.id]);
      const found = await findEarlier(client, shop.id, input.formKey);
      if (found !== null) return found;
      await writeAuditEntry(client, {
        shopId: shop.id,
        actor: input.actor,
        action: "tag.ask",
        after: {
          ...asked,
          ad_account_id: access.adAccountId,
          until: Date.now() + ASK_SECONDS * 1_000,
        },
      });
      return null;
    });
    if (earlier === null)
      return askForTag(services, shop, access, { ...asked, actor: input.actor });
    if (earlier !== "asking") return earlier;
    await wait(LOOK_AGAIN_MS);
  }
}

async function askForTag(
  services: TagServices,
  shop: Shop,
  access: Extract<SignInAccess, { kind: "signed_in" }>,
  {
    name,
    switches,
    form,
    actor,
  }: { name: string; switches: TagSwitch[]; form: string; actor: string },
): Promise<TagCreation> {
  const flags = Object.fromEntries(switches.map((flag) => [flag, true]));
  const answer = await askSignedIn(services, shop, access, (query) =>
    services.pinterest.createTag({ ...query, tag: { name, ...flags } }),
  );
  const note = (action: string, after: Record<string, unknown>) =>
    keepTrying(
      () =>
        services.db.transaction(async (client) => {
          // The list is out of date, or may be.
          await client.query("delete from tag_cache where shop_id = $1", [shop.id]);
          const entry = { shopId: shop.id, actor, action, after: { form, ...after } };
          await writeAuditEntry(client, entry);
        }),
      NOTE_WITHIN_MS,
    );
  if (answer.ok) {
    const tagId = readPinterestTag(answer.value)?.id ?? "";
    await note("tag.create", { tag_id: tagId, name });
    return { kind: "created", tagId };
  }
  const { kind, message } = answer.error;
  if (kind === "unavailable" || kind === "unreadable") {
    await note("tag.create_lost", { name, detail: message });
    return { kind: "lost" };
  }
  await note("tag.create_refused", { name, detail: message });
  return { kind: "refused", why: kind, message };
}

/**
 * What became of this form before; null when it was never posted, or was refused. `asking`: another
 * post of it may still be answered.
 */
async function findEarlier(
  client: PoolClient,
  shopId: bigint,
  formKey: string,
): Promise<TagCreation | "asking" | null> {
  const last = await findLastTagEntry(client, shopId, formKey);
  if (last === undefined || last.action === "tag.create_refused") return null;
  if (last.action === "tag.create")
    return { kind: "created", tagId: String(last.after.tag_id ?? "") };
  const isAsking = last.action === "tag.ask" && Number(last.after.until ?? 0) > Date.now();
  return isAsking ? "asking" : { kind: "lost" };
}
