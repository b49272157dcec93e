import type { Moment } from "./format-moment.ts";

export function Time({ moment }: { moment: Moment }) {
  return <time dateTime={moment.iso}>{moment.text}</time>;
}
