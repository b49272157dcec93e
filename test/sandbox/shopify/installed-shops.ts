import { randomBytes } from "node:crypto";

export interface LocalShop {
  /** `demo.myshopify.com` */
  domain: string;
  /** Numeric, unique. */
  id: number;
  name: string;
  contactEmail: string;
  primaryDomain: string;
  currencyCode: string;
  enabledPresentmentCurrencies: string[];
  ianaTimezone: string;
  countryCode: string;
  taxesIncluded: boolean;
}

interface AccessToken {
  shop: string;
  expiresAt: number;
}

interface RefreshToken extends AccessToken {
  /** The token it was given for, which ends when this one is used. */
  replaces: string | null;
}

export interface IssuedTokens {
  accessToken: string;
  expiresInSeconds: number | null;
  refreshToken: string | null;
  refreshTokenExpiresInSeconds: number | null;
}

/** Shops that have the app, and the tokens they gave it. */
export interface InstalledShops {
  install(shop: { domain: string } & Partial<LocalShop>): LocalShop;
  get(domain: string): LocalShop | undefined;
  list(): LocalShop[];
  /** Ends every token of the shop. */
  remove(domain: string): void;
  issueTokens(domain: string, expiring: boolean): IssuedTokens;
  /**
   * New tokens for a refresh token; null when it is unknown or ended. A used one stays good until
   * its replacement is used (Shopify's changelog of 2026-08-28): the answer may have been lost.
   */
  refresh(domain: string, refreshToken: string): IssuedTokens | null;
  /** The installed shop a token is good for. */
  ownerOf(accessToken: string): string | null;
  /** Ends an access token before its time, as a merchant's password change may. */
  revokeAccessToken(accessToken: string): void;
}

const ACCESS_SECONDS = 60 * 60;
const REFRESH_SECONDS = 90 * 24 * 60 * 60;
const FIRST_SHOP_ID = 548_380_009;

function newToken(prefix: string): string {
  return `${prefix}_${randomBytes(16).toString("hex")}`;
}

export function createInstalledShops(now: () => number): InstalledShops {
  const shops = new Map<string, LocalShop>();
  const accessTokens = new Map<string, AccessToken>();
  const refreshTokens = new Map<string, RefreshToken>();
  let nextId = FIRST_SHOP_ID;

  function issueTokens(
    domain: string,
    expiring: boolean,
    replaces: string | null = null,
  ): IssuedTokens {
    const accessToken = newToken("shpat");
    const expiresAt = expiring ? now() + ACCESS_SECONDS * 1000 : Number.POSITIVE_INFINITY;
    accessTokens.set(accessToken, { shop: domain, expiresAt });
    if (!expiring) {
      return {
        accessToken,
        expiresInSeconds: null,
        refreshToken: null,
        refreshTokenExpiresInSeconds: null,
      };
    }
    const refreshToken = newToken("shprt");
    const refreshExpiresAt = now() + REFRESH_SECONDS * 1000;
    refreshTokens.set(refreshToken, { shop: domain, expiresAt: refreshExpiresAt, replaces });
    return {
      accessToken,
      expiresInSeconds: ACCESS_SECONDS,
      refreshToken,
      refreshTokenExpiresInSeconds: REFRESH_SECONDS,
    };
  }

  return {
    issueTokens: (domain, expiring) => issueTokens(domain, expiring),
    install(given) {
      nextId += 1;
      const name = given.domain.replace(".myshopify.com", "");
      const shop: LocalShop = {
        id: nextId,
        name,
        contactEmail: `owner@${name}.example`,
        primaryDomain: `${name}.example`,
        currencyCode: "USD",
        enabledPresentmentCurrencies: ["USD"],
        ianaTimezone: "America/New_York",
        countryCode: "US",
        taxesIncluded: false,
        ...given,
      };
      shops.set(shop.domain, shop);
      return shop;
    },
    get: (domain) => shops.get(domain),
    list: () => [...shops.values()],
    remove(domain) {
      shops.delete(domain);
      for (const tokens of [accessTokens, refreshTokens]) {
        for (const [token, { shop }] of tokens) if (shop === domain) tokens.delete(token);
      }
    },
    refresh(domain, refreshToken) {
      const known = refreshTokens.get(refreshToken);
      if (known?.shop !== domain || known.expiresAt <= now()) return null;
      if (known.replaces !== null) refreshTokens.delete(known.replaces);
      return issueTokens(domain, true, refreshToken);
    },
    ownerOf(accessToken) {
      const known = accessTokens.get(accessToken);
      return known !== undefined && known.expiresAt > now() ? known.shop : null;
    },
    revokeAccessToken: (accessToken) => void accessTokens.delete(accessToken),
  };
}
