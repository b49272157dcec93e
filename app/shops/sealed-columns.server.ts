import {
  conversionTokenIdentity,
  refreshTokenIdentity,
  sessionIdentity,
  signInIdentity,
  tokenIdentity,
} from "#app/events/encryption-identity.ts";
import { INSTALLATION } from "#app/platform/keys/data-keys.server.ts";
import { isDirectSql, type SealedColumn } from "#app/platform/keys/rotate-keys.server.ts";
import { callbackSecretIdentity } from "./callback-secret.server.ts";

interface ShopRow {
  shop_id: bigint;
  domain: string;
}

const TOKENS = {
  token: tokenIdentity,
  refresh_token: refreshTokenIdentity,
  conversion_token: conversionTokenIdentity,
};
const OF_SHOP = "json_to_recordset($1) as r(shop_id bigint, old text, fresh text)";

/** The encrypted columns of what is kept of shops. */
export const shopColumns: readonly SealedColumn[] = [
  ...Object.entries(TOKENS).map(([column, identityOf]) => ({
    name: `connection.${column}`,
    // A process that is exchanging the refresh token finds its row by the token's bytes.
    select: `select c.shop_id, s.domain, c.${column} as sealed from connection c
      join shop s on s.id = c.shop_id
      where ${isDirectSql(`c.${column}`)} and coalesce(c.refreshing_until < now(), true)`,
    bind: ({ shop_id: owner, domain }: ShopRow) => ({ owner, identity: identityOf(domain) }),
    replace: `update connection c set ${column} = decode(r.fresh, 'hex') from ${OF_SHOP}
      where c.shop_id = r.shop_id and c.${column} = decode(r.old, 'hex')
        and coalesce(c.refreshing_until < now(), true)`,
  })),
  ...(["token", "refresh_token", "conversion_token"] as const).map((column) => ({
    name: `pinterest_sign_in.${column}`,
    select: `select p.shop_id, s.domain, p.${column} as sealed from pinterest_sign_in p
      join shop s on s.id = p.shop_id where ${isDirectSql(`p.${column}`)}`,
    bind: ({ shop_id: owner, domain }: ShopRow) => ({
      owner,
      identity: signInIdentity(domain, column),
    }),
    replace: `update pinterest_sign_in p set ${column} = decode(r.fresh, 'hex') from ${OF_SHOP}
      where p.shop_id = r.shop_id and p.${column} = decode(r.old, 'hex')`,
  })),
  {
    name: "shop.callback_secret",
    select: `select id as shop_id, domain, callback_secret as sealed from shop
      where ${isDirectSql("callback_secret")}`,
    bind: ({ shop_id: owner, domain }: ShopRow) => ({
      owner,
      identity: callbackSecretIdentity(domain),
    }),
    replace: `update shop s set callback_secret = decode(r.fresh, 'hex') from ${OF_SHOP}
      where s.id = r.shop_id and s.callback_secret = decode(r.old, 'hex')`,
  },
  {
    name: "shopify_session.content",
    select: `select id, content as sealed from shopify_session where ${isDirectSql("content")}`,
    bind: ({ id }: { id: string }) => ({ owner: INSTALLATION, identity: sessionIdentity(id) }),
    replace: `update shopify_session s set content = decode(r.fresh, 'hex')
      from json_to_recordset($1) as r(id text, old text, fresh text)
      where s.id = r.id and s.content = decode(r.old, 'hex')`,
  },
];
