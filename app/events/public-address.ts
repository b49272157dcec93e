import ipaddr from "ipaddr.js";

/** Takes no other range than the one that the internet's own addresses are given from. */
const GLOBAL_IPV6: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("2000::"), 3];

/** Looks public, and is the host's own service on Azure, secrets of the machine included. */
const AZURE_HOST = "168.63.129.16";

/**
 * Whether an IP address is one of the open internet: not private, loopback, link-local, shared,
 * reserved or multicast, and not IPv6 that leads to some IPv4 address by way of a translator. An
 * IPv4 address written as IPv6 counts as what it is.
 */
export function isPublicAddress(text: string): boolean {
  const address = parse(text);
  if (address?.range() !== "unicast") return false;
  return address instanceof ipaddr.IPv6
    ? address.match(GLOBAL_IPV6)
    : address.toString() !== AZURE_HOST;
}

export function isLoopbackAddress(text: string): boolean {
  return parse(text)?.range() === "loopback";
}

function parse(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  return ipaddr.isValid(text) ? ipaddr.process(text) : null;
}
