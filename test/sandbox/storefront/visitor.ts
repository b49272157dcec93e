import type { SandboxRequest } from "../local-server.ts";
import type { Visitor } from "./shop-floor.ts";

/** What a request says of the browser that sent it, and the cookies by which the next one says it too. */
export interface Visit {
  visitor: Visitor;
  cartToken: string | null;
  /** `Set-Cookie` values. */
  cookies: string[];
}

function readCookies({ headers }: SandboxRequest): Map<string, string> {
  const pairs = (headers.cookie ?? "").split("; ").filter((text) => text.includes("="));
  return new Map(
    pairs.map((text) => {
      const at = text.indexOf("=");
      return [text.slice(0, at), decodeURIComponent(text.slice(at + 1))];
    }),
  );
}

/** `root`: where the shop's addresses begin. `usual`: the shopper of whom no cookie says more. */
export function readVisit(
  request: SandboxRequest,
  root: string,
  usual: { ip: string; region: string },
): Visit {
  const cookies = readCookies(request);
  const { searchParams, pathname, search } = request.url;
  const set: string[] = [];
  const keep = (name: string, value: string) => {
    set.push(`${name}=${encodeURIComponent(value)}; Path=${root}; SameSite=Lax`);
    return value;
  };
  const chosen = searchParams.get("country");
  const region =
    chosen !== null && /^[A-Z]{2}(-[A-Z]{2})?$/.test(chosen)
      ? keep("localization", chosen)
      : (cookies.get("localization") ?? usual.region);
  const landed = `/${pathname.slice(root.length)}${search}`;
  const landingSite = cookies.get("landing_page") ?? keep("landing_page", landed);
  const referrer = request.headers.referer ?? "";
  const referringSite = cookies.get("orig_referrer") ?? keep("orig_referrer", referrer);
  const ip = cookies.get("shopper_ip") ?? usual.ip;
  const userAgent = request.headers["user-agent"] ?? "";
  return {
    visitor: { ip, userAgent, landingSite, referringSite, region },
    cartToken: cookies.get("cart") ?? null,
    cookies: set,
  };
}

export function cartCookie(root: string, token: string): string {
  return `cart=${token}; Path=${root}; SameSite=Lax`;
}
