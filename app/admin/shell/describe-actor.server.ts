import { say } from "#app/admin/shell/format/say.ts";
import { lookUp } from "#app/events/look-up.ts";

const actorTexts = {
  you: "You",
  system: "System",
  cli: "Command line",
  shopify: "Shopify",
  api: "HTTP API",
  flow: "Shopify Flow",
  user: "User {id}",
} as const;

const OWN_WORDS = {
  system: actorTexts.system,
  cli: actorTexts.cli,
  shopify: actorTexts.shopify,
  api: actorTexts.api,
  flow: actorTexts.flow,
};

/** Who did something, for one reader. Shopify gives us a user's id, and no name. */
export function describeActor(actor: string, userId: string): string {
  if (actor === `user:${userId}`) return actorTexts.you;
  const id = /^user:(.+)$/.exec(actor)?.[1];
  if (id !== undefined) return say(actorTexts.user, { id });
  return lookUp(OWN_WORDS, actor) ?? actor;
}
