import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { isLoopbackAddress, isPublicAddress } from "#app/events/public-address.ts";

/** Returns all addresses of a name. Rejects if it has none. */
export type ResolveName = (hostname: string) => Promise<LookupAddress[]>;

export class PrivateAddressError extends Error {
  override name = "PrivateAddressError";
  code = "private_address";
}

/**
 * Looks a name up for the connection that is about to be made. The addresses that are checked are
 * those that are connected to: a name that answers otherwise the next time gains nothing by it. One
 * address that is not public refuses the name.
 */
export function guardLookup(
  resolveName: ResolveName,
  { allowLoopback }: { allowLoopback: boolean },
): LookupFunction {
  const isAllowed = ({ address }: LookupAddress) =>
    isPublicAddress(address) || (allowLoopback && isLoopbackAddress(address));
  return (hostname, { all }, callback) => {
    resolveName(hostname).then(
      (found) => {
        const [first] = found;
        if (first === undefined || !found.every(isAllowed)) {
          callback(new PrivateAddressError("A name leads to an address that is not public"), "");
        } else if (all) {
          callback(null, found);
        } else {
          callback(null, first.address, first.family);
        }
      },
      (error: NodeJS.ErrnoException) => callback(error, ""),
    );
  };
}
