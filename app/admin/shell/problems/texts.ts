/** How many events wait, to follow a next step. */
export const keptTexts = {
  kept: "{n, plural, one {{count} event is} other {{count} events are}} kept until {date}.",
  none: "Your events are kept.",
} as const;

/** Why events ran out of time. */
export const outOfTimeTexts = {
  neverTried: "the connection to Pinterest was off",
  tried: "Pinterest did not take them",
} as const;

/** Who did something, by the audit log's actor. */
export const actorWords = {
  user: "Someone on your staff",
  cli: "The person who runs Pinrelay",
  system: "Pinrelay",
} as const;
