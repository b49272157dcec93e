import { Session } from "@shopify/shopify-api";
import type { SessionStorage } from "@shopify/shopify-app-session-storage";
import type { ApplicationToken } from "#app/shopify/application-token.server.ts";

export interface ApplicationSessions extends SessionStorage {
  /** Whether the shop has a session now, without one being asked for. */
  has(domain: string): boolean;
}

/** A token is used until this much is left of it, as Shopify's library does with those that it renews. */
const LEFT_MS = 5 * 60_000;
const PREFIX = "offline_";

/**
 * Sessions that the app gets for shops without a person: in memory, since a new one is had at any time,
 * and apart from the stored ones, so that a merchant who opens the app still gets a session that renews
 * itself. Shops that are asked for at the same time share a request.
 */
export function createApplicationSessions({
  requestToken,
  nowMs,
}: {
  requestToken: (domain: string) => Promise<ApplicationToken | null>;
  nowMs: () => number;
}): ApplicationSessions {
  const sessions = new Map<string, Session>();
  const asked = new Map<string, Promise<Session | undefined>>();
  const isGood = (session: Session | undefined) =>
    session?.expires !== undefined && session.expires.getTime() > nowMs() + LEFT_MS;

  async function ask(id: string, domain: string): Promise<Session | undefined> {
    const token = await requestToken(domain);
    if (token === null) return undefined;
    for (const [known, session] of sessions) if (!isGood(session)) sessions.delete(known);
    const { accessToken, scope, expiresAt: expires } = token;
    const fields = { id, shop: domain, state: "", isOnline: false, accessToken, scope, expires };
    const session = new Session(fields);
    sessions.set(id, session);
    return session;
  }

  return {
    has: (domain) => isGood(sessions.get(`${PREFIX}${domain}`)),
    async loadSession(id) {
      const known = sessions.get(id);
      if (isGood(known)) return known;
      sessions.delete(id);
      const asking = asked.get(id) ?? ask(id, id.slice(PREFIX.length));
      asked.set(id, asking);
      return asking.finally(() => asked.delete(id));
    },
    // They are made here alone.
    storeSession: async () => true,
    async deleteSession(id) {
      return sessions.delete(id);
    },
    async deleteSessions(ids) {
      for (const id of ids) sessions.delete(id);
      return true;
    },
    findSessionsByShop: async (domain) =>
      [...sessions.values()].filter(({ shop }) => shop === domain),
  };
}
