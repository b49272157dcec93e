import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];
type Caller = Pick<IncomingMessage, "headers"> & { socket: { remoteAddress?: string | undefined } };

/**
 * Returns the address that a request came from: the connection's, or, where that is a proxy that
 * the operator trusts, the first one of `X-Forwarded-For` from the right that is no such proxy.
 * What stands to the left of it was written by the caller and may be invented. An entry that is no
 * address ends the search: the proxy that passed it on is the last one that is known. Null when the
 * connection is gone already. `onHiddenProxy` is called once, if a request that was forwarded comes
 * from an address of a private network: that is a proxy which the operator forgot to name, and every
 * shopper behind it would count as one. A stranger cannot have it called from the internet.
 */
export function createCallerAddress(
  trustedProxies: readonly string[],
  onHiddenProxy: () => void = () => {},
): (request: Caller) => string | null {
  const ranges = trustedProxies.map(parseRange);
  const isTrusted = (address: Address) =>
    ranges.some(
      ([range, bits]) => range.kind() === address.kind() && address.match(range as never, bits),
    );
  let isTold = false;
  return ({ headers, socket }) => {
    let caller = parseAddress(socket.remoteAddress ?? "");
    if (caller === null) return null;
    const isForwarded = headers["x-forwarded-for"] !== undefined;
    if (!isTold && isForwarded && INNER.has(caller.range()) && !isTrusted(caller)) {
      isTold = true;
      onHiddenProxy();
    }
    const hops = ranges.length === 0 ? [] : listHops(headers["x-forwarded-for"]);
    while (isTrusted(caller)) {
      const next = parseAddress(hops.pop() ?? "");
      if (next === null) break;
      caller = next;
    }
    return format(caller);
  };
}

/** Networks of one house: the internet does not deliver their packets. */
const INNER = new Set<string>(["private", "uniqueLocal", "carrierGradeNat"]);

/**
 * Returns what one caller can hold many addresses of: a provider gives a household a whole /64 of
 * IPv6, so a limit for each address would be none.
 */
export function networkOf(address: string): string {
  const parsed = parseAddress(address);
  return parsed instanceof ipaddr.IPv6
    ? parsed.parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(":")
    : address;
}

/** Node joins a repeated header with commas. */
function listHops(header: string | string[] | undefined): string[] {
  return String(header ?? "").split(",");
}

/** `1.2.3.4:56` and `[::1]:56`, as some proxies write an address. */
const WITH_PORT = /^\[([0-9a-f:.]+)\](?::\d+)?$|^([\d.]+):\d+$/i;
/** The longest address, in brackets and with a port. */
const MAX_TEXT = 60;

function parseAddress(text: string): Address | null {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.length > MAX_TEXT) return null;
  const [, inBrackets, bare] = WITH_PORT.exec(trimmed) ?? [];
  const given = inBrackets ?? bare ?? trimmed;
  // The library alone also accepts `10.1` and `010.0.0.1`, for other addresses than they look like,
  // and reads a text four times to find out of which kind it is.
  const family = isIP(given);
  if (family === 4) return ipaddr.IPv4.parse(given);
  return family === 6 ? parseIPv6(given) : null;
}

/** An IPv4 address that was written as IPv6 is one address with it. */
function parseIPv6(text: string): Address | null {
  try {
    const address = ipaddr.IPv6.parse(text);
    return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
  } catch {
    // Node takes anything for a zone, the library letters and digits alone.
    return null;
  }
}

function parseRange(text: string): Range {
  const range = text.includes("/")
    ? ipaddr.parseCIDR(text)
    : ([ipaddr.parse(text), ipaddr.parse(text).kind() === "ipv4" ? 32 : 128] as Range);
  const [address, bits] = range;
  const isMapped = address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= 96;
  return isMapped ? [address.toIPv4Address(), bits - 96] : range;
}

/** Without the zone, which names an interface of this machine. */
function format(address: Address): string {
  const text = address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
  return text.replace(/%.*$/, "");
}
