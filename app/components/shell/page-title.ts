import { shellTexts } from "#app/texts/shell.ts";

/** For a route's `meta`: `Events · Pinrelay`. */
export function pageTitle(title: string): [{ title: string }] {
  return [{ title: `${title} · ${shellTexts.appName}` }];
}
