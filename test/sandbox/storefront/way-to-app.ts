import { request as send } from "undici";
import type { Answer, SandboxRequest } from "../local-server.ts";

/**
 * The way of a shopper's request to the app: a proxy that says whose address it came from, as the
 * operator's own does. Without it every shopper would come from loopback.
 */

export interface SentBody {
  shop: string;
  /** Parsed; null where it is no JSON. */
  body: unknown;
  ip: string;
  status: number;
}

const PLACE = /^\/internet\/([0-9a-f.:]+)(\/.*)$/;
/** What a browser says that the app may ask for. */
const PASSED = ["content-type", "origin", "user-agent", "access-control-request-method"];

export function createWayToApp(appUrl: () => string) {
  const bodies: SentBody[] = [];

  async function answer({ method, url, headers, body }: SandboxRequest): Promise<Answer> {
    const [, ip = "", path = "/"] = PLACE.exec(url.pathname) ?? [];
    const passed = PASSED.flatMap((name) =>
      typeof headers[name] === "string" ? [[name, headers[name]] as const] : [],
    );
    const answered = await send(new URL(path, appUrl()), {
      method: method as "POST",
      headers: { ...Object.fromEntries(passed), "x-forwarded-for": ip },
      ...(body.length > 0 && { body }),
    });
    const text = await answered.body.text();
    if (method === "POST") {
      const parsed = parse(body);
      const shop = String((parsed as { shop?: unknown } | null)?.shop);
      bodies.push({ shop, body: parsed, ip, status: answered.statusCode });
    }
    const back = Object.entries(answered.headers).filter(([name]) =>
      /^(access-control-|content-type|retry-after|vary)/.test(name),
    );
    return {
      status: answered.statusCode,
      headers: Object.fromEntries(back) as Record<string, string>,
      text,
    };
  }

  return {
    bodies,
    isFor: (pathname: string) => PLACE.test(pathname),
    /** The address of an endpoint of the app for the shopper at `ip`. */
    through(origin: string, ip: string, endpoint: string): string {
      const { pathname } = new URL(endpoint);
      return new URL(`/internet/${ip}${pathname}`, origin).href;
    },
    answer,
  };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return null;
  }
}
