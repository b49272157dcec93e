import type { Resolvers } from "../answer-graphql.ts";

/** What the merchant granted, as the Admin API lists it. */
export function createScopeResolvers(scopes: string): Resolvers {
  const accessScopes = scopes.split(",").map((handle) => ({ handle }));
  return { currentAppInstallation: () => ({ accessScopes }) };
}

/** Root fields of several parts of the Admin API; each has its own share of the installation. */
export function joinResolvers(...parts: Resolvers[]): Resolvers {
  return {
    ...Object.assign({}, ...parts),
    currentAppInstallation: (...asked) =>
      Object.assign({}, ...parts.map((part) => part.currentAppInstallation?.(...asked))),
  };
}
