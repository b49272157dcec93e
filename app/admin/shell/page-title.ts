import { shellTexts } from "./texts.ts";

/** For a route's `meta`: `Events · Pinrelay`. */
export function pageTitle(title: string): [{ title: string }] {
  return [{ title: `${title} · ${shellTexts.appName}` }];
}
