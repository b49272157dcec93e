import type { Resolvers } from "../answer-graphql.ts";

/** The granted scopes as the Admin API lists them; null: the request fails. */
export function createScopeResolvers(granted: () => string | null): Resolvers {
  return {
    currentAppInstallation() {
      const scopes = granted();
      if (scopes === null) throw new Error("Internal error");
      return { accessScopes: scopes.split(",").map((handle) => ({ handle })) };
    },
  };
}

/** Root fields of several parts of the Admin API; each has its own share of the installation. */
export function joinResolvers(...parts: Resolvers[]): Resolvers {
  return {
    ...Object.assign({}, ...parts),
    currentAppInstallation: (...asked) =>
      Object.assign({}, ...parts.map((part) => part.currentAppInstallation?.(...asked))),
    // The part that knows such a search answers it.
    ordersCount: (...asked) =>
      parts.reduceRight<unknown>((found, part) => found ?? part.ordersCount?.(...asked), undefined),
  };
}
