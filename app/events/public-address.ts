import ipaddr from "ipaddr.js";

/** The only range that public IPv6 addresses are assigned from. */
const GLOBAL_IPV6: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("2000::"), 3];

/** Looks public, but is Azure's own host service, which gives out the machine's secrets. */
const AZURE_HOST = "168.63.129.16";

/** Documentation addresses, which no machine has: RFC 5737, RFC 3849 and RFC 9637. */
const DOCUMENTATION: Parameters<typeof ipaddr.subnetMatch>[1] = {
  documentation: [
    "192.0.2.0/24",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "2001:db8::/32",
    "3fff::/20",
  ].map((range) => ipaddr.parseCIDR(range)),
};

/**
 * Whether an IP address is on the public internet: not private, loopback, link-local, shared,
 * reserved or multicast, and not IPv6 that reaches an IPv4 address through a translator. An IPv4
 * address written as IPv6 is treated as IPv4.
 */
export function isPublicAddress(text: string): boolean {
  const address = parse(text);
  return address !== null && isPublic(address);
}

export function isLoopbackAddress(text: string): boolean {
  return parse(text)?.range() === "loopback";
}

/**
 * The address by which Pinterest can tell a person from others; null for an address that many
 * people share, such as `10.0.0.1` behind a proxy that is not configured as trusted. IPv4 written
 * as IPv6 is unwrapped. Documentation addresses count as a person's, because people who try the app
 * out use them.
 */
export function personalAddress(text: string): string | null {
  const address = parse(text);
  if (address === null || !(isPublic(address) || isOfExample(address))) return null;
  // An IPv6 address keeps its spelling: only Pinterest reads it.
  return address instanceof ipaddr.IPv4 ? address.toString() : text;
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

function isPublic(address: Address): boolean {
  if (address.range() !== "unicast") return false;
  return address instanceof ipaddr.IPv6
    ? address.match(GLOBAL_IPV6)
    : address.toString() !== AZURE_HOST;
}

function isOfExample(address: Address): boolean {
  return ipaddr.subnetMatch(address, DOCUMENTATION, "other") === "documentation";
}

function parse(text: string): Address | null {
  try {
    // Its `process` reads a text twice more, to find out of which kind it is.
    if (!text.includes(":")) return ipaddr.IPv4.parse(text);
    const address = ipaddr.IPv6.parse(text);
    return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
  } catch {
    return null;
  }
}
