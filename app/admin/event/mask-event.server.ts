import type { ConversionEvent } from "#app/events/conversion-event.ts";

/** What tells of one person without being hashed. */
export const SECRET_KEYS = ["click_id", "client_ip_address", "client_user_agent"] as const;

const HIDDEN = "•••";

/** The event with IP address, browser and click id as nobody could use them. */
export function maskEvent(event: ConversionEvent): ConversionEvent {
  const userData = { ...event.user_data };
  for (const key of SECRET_KEYS) {
    const value = userData[key];
    if (value !== undefined) userData[key] = maskValue(key, value);
  }
  return { ...event, user_data: userData };
}

function maskValue(key: (typeof SECRET_KEYS)[number], value: string): string {
  switch (key) {
    case "client_ip_address":
      return maskAddress(value);
    case "client_user_agent":
      return `${/^[A-Za-z]+\/[\d.]{1,8}/.exec(value)?.[0] ?? ""} ${HIDDEN}`.trim();
    case "click_id":
      return `${value.slice(0, 4)}${HIDDEN}`;
  }
}

/** `203.0.113.7` → `203.0.113.•••`; of IPv6 the site's half stays. */
function maskAddress(address: string): string {
  if (address.includes(":")) return `${address.split(":").slice(0, 3).join(":")}:${HIDDEN}`;
  return address.replace(/\d+$/, HIDDEN);
}
