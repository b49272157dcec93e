import type { Answer, SandboxRequest } from "../local-server.ts";
import type { InstalledShops, LocalShop } from "./installed-shops.ts";
import { parseQuery, selectFields } from "./select-fields.ts";

/** Answers one root field with all it has; the caller cuts it to what was asked for. */
export type Resolver = (
  shop: LocalShop,
  variables: Record<string, unknown>,
  args: string,
) => unknown;

export type Resolvers = Record<string, Resolver>;

const SHOP: Resolver = (shop) => ({
  id: `gid://shopify/Shop/${shop.id}`,
  name: shop.name,
  myshopifyDomain: shop.domain,
  primaryDomain: { host: shop.primaryDomain, url: `https://${shop.primaryDomain}` },
  contactEmail: shop.contactEmail,
  email: shop.contactEmail,
  currencyCode: shop.currencyCode,
  enabledPresentmentCurrencies: shop.enabledPresentmentCurrencies,
  ianaTimezone: shop.ianaTimezone,
  billingAddress: { countryCodeV2: shop.countryCode },
  plan: { publicDisplayName: "Basic", partnerDevelopment: true, shopifyPlus: false },
  taxesIncluded: shop.taxesIncluded,
});

const UNAUTHORIZED: Answer = {
  status: 401,
  json: { errors: "[API] Invalid API key or access token (unrecognized login or wrong password)" },
};

const COST = {
  requestedQueryCost: 3,
  actualQueryCost: 3,
  throttleStatus: { maximumAvailable: 2000, currentlyAvailable: 1997, restoreRate: 100 },
};

/** How the Admin API of a shop fails while it is told to; `none`: it answers once before it does. */
export type AdminTrouble = "throttled" | "denied" | "silent" | "none";

const TROUBLES: Record<Exclude<AdminTrouble, "none">, Answer> = {
  throttled: {
    status: 200,
    json: {
      errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }],
      extensions: {
        cost: {
          requestedQueryCost: 102,
          actualQueryCost: null,
          throttleStatus: { maximumAvailable: 2000, currentlyAvailable: 2, restoreRate: 100 },
        },
      },
    },
  },
  denied: { status: 403, json: { errors: "[API] This action requires merchant approval" } },
  silent: { status: 503, json: { errors: "Service Unavailable" } },
};

const PIXEL_SCOPES = ["write_pixels", "read_customer_events"];

/** Root fields that take permissions of their own. */
const SCOPES: Record<string, string[]> = {
  products: ["read_products"],
  product: ["read_products"],
  productVariant: ["read_products"],
  productVariants: ["read_products"],
  webPixel: PIXEL_SCOPES,
  webPixelCreate: PIXEL_SCOPES,
  webPixelUpdate: PIXEL_SCOPES,
};

function denied(field: string, scope: string): Answer {
  const requiredAccess = `\`${scope}\` access scope.`;
  const error = {
    message: `Access denied for ${field} field. Required access: ${requiredAccess}`,
    extensions: { code: "ACCESS_DENIED", requiredAccess },
    path: [field],
  };
  return { status: 200, json: { data: null, errors: [error], extensions: { cost: COST } } };
}

function resolve(
  shop: LocalShop,
  { resolvers, scopes }: { resolvers: Resolvers; scopes: readonly string[] },
  { query, variables = {} }: { query: string; variables?: Record<string, unknown> },
): Answer {
  try {
    const data: Record<string, unknown> = {};
    for (const [name, { field, args, selection }] of parseQuery(query)) {
      const lacking = SCOPES[field]?.find((scope) => !scopes.includes(scope));
      if (lacking !== undefined) return denied(field, lacking);
      const resolver = resolvers[field];
      if (resolver === undefined)
        throw new Error(`Field '${field}' doesn't exist on type 'QueryRoot'`);
      data[name] = selectFields(resolver(shop, variables, args), selection, field);
    }
    return { status: 200, json: { data, extensions: { cost: COST } } };
  } catch (error) {
    return { status: 200, json: { errors: [{ message: (error as Error).message }] } };
  }
}

/**
 * `POST /admin/api/<version>/graphql.json`: the shop's facts, and what `resolvers` adds. An unknown
 * field is an error, as at Shopify, and so is one that the app has no permission for; an access token
 * of another shop is refused.
 */
export function answerGraphql(
  {
    shops,
    resolvers,
    scopes,
    troubles,
  }: {
    shops: InstalledShops;
    resolvers: Resolvers;
    scopes: string;
    troubles: Map<string, AdminTrouble[]>;
  },
  domain: string,
  { headers, body }: SandboxRequest,
): Answer {
  const token = headers["x-shopify-access-token"];
  const shop = shops.get(domain);
  if (typeof token !== "string" || shops.ownerOf(token) !== domain || !shop) return UNAUTHORIZED;
  const trouble = troubles.get(domain)?.shift();
  if (trouble !== undefined && trouble !== "none") return TROUBLES[trouble];
  let document: { query?: unknown; variables?: Record<string, unknown> };
  try {
    document = JSON.parse(body.toString());
  } catch {
    return { status: 400, json: { errors: "Bad Request" } };
  }
  if (typeof document.query !== "string") {
    return { status: 400, json: { errors: { query: "Required parameter missing or invalid" } } };
  }
  const granted = { resolvers: { shop: SHOP, ...resolvers }, scopes: scopes.split(",") };
  return resolve(shop, granted, { ...document, query: document.query });
}
