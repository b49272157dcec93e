import ipaddr from "ipaddr.js";

/** Takes no other range than the one that the internet's own addresses are given from. */
const GLOBAL_IPV6: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("2000::"), 3];

/** Looks public, and is the host's own service on Azure, secrets of the machine included. */
const AZURE_HOST = "168.63.129.16";

/** RFC 5737, RFC 3849 and RFC 9637: addresses of examples, which no machine has. */
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
 * Whether an IP address is one of the open internet: not private, loopback, link-local, shared,
 * reserved or multicast, and not IPv6 that leads to some IPv4 address by way of a translator. An
 * IPv4 address written as IPv6 counts as what it is.
 */
export function isPublicAddress(text: string): boolean {
  const address = parse(text);
  return address !== null && isPublic(address);
}

export function isLoopbackAddress(text: string): boolean {
  return parse(text)?.range() === "loopback";
}

/**
 * The address by which a person can be told from others, as Pinterest sees it; null for one that
 * many people have at once, as `10.0.0.1` behind a proxy that was not told to us. IPv4 written as
 * IPv6 is unwrapped. Addresses of examples are a person's here: whoever tries the app out uses them.
 */
export function personalAddress(text: string): string | null {
  const address = parse(text);
  if (address === null || !(isPublic(address) || isOfExample(address))) return null;
  // An IPv6 address stays as it was written: its spelling is nobody's concern but Pinterest's.
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
    return ipaddr.process(text);
  } catch {
    return null;
  }
}
