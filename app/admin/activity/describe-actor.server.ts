import { lookUp } from "#app/events/words/look-up.ts";
import { say } from "#app/texts/say.ts";
import { actorTexts } from "#app/texts/settings/activity.ts";

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
