import type { Moment } from "#app/admin/shell/format/formatter.server.ts";

export function Time({ moment }: { moment: Moment }) {
  return (
    <time dateTime={moment.iso} title={moment.title}>
      {moment.text}
    </time>
  );
}
