/** Writes moments as ISO 8601 with the offset that a zone has then: `2026-11-24T14:02:00-05:00`. */
export function isoWithOffset(timeZone: string): (date: Date) => string {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  return (date) => {
    const name = parts.formatToParts(date).find(({ type }) => type === "timeZoneName")?.value ?? "";
    // `GMT-05:00`, and plain `GMT` for none.
    const offset = name.slice("GMT".length) || "+00:00";
    const [hours = 0, minutes = 0] = offset.slice(1).split(":").map(Number);
    const shiftMs = (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
    return `${new Date(date.getTime() + shiftMs).toISOString().slice(0, 19)}${offset.slice(0, 6)}`;
  };
}
