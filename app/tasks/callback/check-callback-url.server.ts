import { isIP } from "node:net";
import { isLoopbackAddress, isPublicAddress } from "#app/events/public-address.ts";

/**
 * Finds the fault of an address for posted results, as the fault of an input's key; null if it is
 * valid. `allowLoopback` is for sandbox mode. The name is resolved when the result is posted, and
 * its addresses are checked then.
 */
export function checkCallbackUrl(
  text: string,
  { allowLoopback }: { allowLoopback: boolean },
): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) return "must be an address such as https://example.com/pinrelay";
  const isAllowedLoopback = allowLoopback && isLoopbackHost(url);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isAllowedLoopback)) {
    return "must start with https://";
  }
  if (url.username !== "" || url.password !== "") {
    return "must hold no user name and no password: the signature says who posts";
  }
  if (url.hash !== "") return "must have no part after #: it would not be sent";
  return isAllowedLoopback || canBePublic(url)
    ? null
    : "must be reachable from the internet: this is a private or reserved address";
}

function canBePublic(url: URL): boolean {
  const host = readHost(url);
  return isIP(host) === 0 ? !isLoopbackName(host) : isPublicAddress(host);
}

function isLoopbackHost(url: URL): boolean {
  const host = readHost(url);
  return isLoopbackName(host) || isLoopbackAddress(host);
}

function isLoopbackName(host: string): boolean {
  return /(^|\.)localhost\.?$/.test(host);
}

/** Numbers in any spelling are an address by now: the URL standard has them so. */
function readHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}
