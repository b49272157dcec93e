/** The form of `<input type="datetime-local">`: no zone, no seconds. */
const LOCAL = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(:\d{2})?$/;

/** Unix seconds of a time on the shop's clocks; null: it is none. */
export function readLocalTime(text: string, timeZone: string): number | null {
  const [, minute, seconds = ":00"] = LOCAL.exec(text) ?? [];
  const asUtc = Date.parse(`${minute}${seconds}Z`);
  // A 31st that the month does not have runs over into the next one.
  if (Number.isNaN(asUtc) || !new Date(asUtc).toISOString().startsWith(`${minute}`)) return null;
  // The zone's offset depends on the moment that is looked for: near a change of clocks it takes two looks.
  const near = asUtc - offsetMs(asUtc, timeZone);
  return (asUtc - offsetMs(near, timeZone)) / 1_000;
}

/** The same, the other way round: to the minute. */
export function writeLocalTime(seconds: number, timeZone: string): string {
  const ms = seconds * 1_000;
  return new Date(ms + offsetMs(ms, timeZone)).toISOString().slice(0, 16);
}

function offsetMs(ms: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  const zone = parts.formatToParts(ms).find(({ type }) => type === "timeZoneName")?.value ?? "";
  const [, sign, hours, minutes] = /^GMT([+-])(\d{2}):(\d{2})/.exec(zone) ?? [];
  if (sign === undefined) return 0;
  const size = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return sign === "-" ? -size : size;
}
