import type { ShopPolicy } from "#app/mapping/shop-policy.server.ts";

/** Pages whose path holds a key to someone's order, cart, account or gift card. */
const PRIVATE_SEGMENTS =
  /(^|\/)(account|orders|checkouts?|cart|invoices|gift_cards|customer_authentication)(\/|$)/i;
const MAX_PATH = 1_000;
const MAX_PAGE = 4_000;

/**
 * Builds `event_source_url`: the shop's domain and the path on which the shopper's session began,
 * without its query and without parts that identify a person. `order_status_url` and
 * `abandoned_checkout_url` are not used: they hold access keys.
 */
export function locateSource(policy: ShopPolicy, landingSite: string | null): string {
  const origin = `https://${policy.primaryDomain ?? policy.shopDomain}`;
  const path = landingSite === null ? null : (readLanding(landingSite)?.pathname ?? null);
  const isUsable = path !== null && path.length <= MAX_PATH && !PRIVATE_SEGMENTS.test(path);
  return isUsable ? origin + cutPath(path) : origin;
}

/**
 * Builds `event_source_url` of the page that the shopper's browser was on; null for what is no page
 * of a shop. A checkout's path is cut before its token, and no query is kept: both open the
 * checkout. `own`: an address of the shop. Its host takes the place of one that is neither it, nor
 * below it, nor the shop's at Shopify: a browser may name any, and Pinterest shows merchants which
 * sites their events come from.
 */
export function locatePage(page: string, own: string, shopDomain: string): string | null {
  const address = page.length > MAX_PAGE ? null : URL.parse(page);
  if (address === null || address.protocol !== "https:") return null;
  if (address.username !== "" || address.password !== "") return null;
  const { host, pathname } = address;
  const secret = PRIVATE_SEGMENTS.exec(pathname);
  const path = secret === null ? pathname : pathname.slice(0, secret.index + secret[0].length);
  const isUsable = path.length <= MAX_PATH && path !== "/";
  const ownHost = URL.parse(own)?.host ?? "";
  const isOwn = host === shopDomain || `.${host}`.endsWith(`.${ownHost.replace(/^www\./, "")}`);
  return `https://${isOwn ? host : ownHost}${isUsable ? cutPath(path).replace(/\/$/, "") : ""}`;
}

let lastRead: { landingSite: string; address: Readonly<URL> | null } | undefined;

/**
 * Shopify writes a path; some apps write a whole address. The last one is cached: each order's is
 * needed twice.
 */
export function readLanding(landingSite: string): Readonly<URL> | null {
  if (lastRead?.landingSite !== landingSite) {
    lastRead = { landingSite, address: URL.parse(landingSite, "https://shop.invalid") };
  }
  return lastRead.address;
}

/**
 * The start of a page's path that identifies no person. Apps put addresses, account numbers and
 * tokens into the paths of their pages (`/apps/returns/…`), and the segments after them belong to
 * that person.
 */
function cutPath(path: string): string {
  const segments = path.split("/");
  const cut = segments.findIndex((segment, place) => {
    if (segment === "") return false;
    const text = decodeDeeply(segment);
    return HOLDS_ADDRESS.test(text) || (!isHandle(segments, place) && isKey(text));
  });
  return cut === -1 ? path : segments.slice(0, cut).join("/");
}

/** An `@`, also as some keyboards type it. */
const HOLDS_ADDRESS = /[@＠﹫]|eyJ[\w-]+\.[\w-]+/;

const HANDLE_BEFORE = /^(?:products|collections)$/;
const LANGUAGE = /^[a-z]{2}(?:-(?:[a-z]{2,4}|419)){0,2}$/i;

/** The name of a product or a collection, `/fr-ca/products/…`; in an app's page it may be anything. */
function isHandle(segments: readonly string[], place: number): boolean {
  if (!HANDLE_BEFORE.test(segments[place - 1] ?? "")) return false;
  const [, first = "", second = ""] = segments;
  return HANDLE_BEFORE.test(first) || (LANGUAGE.test(first) && HANDLE_BEFORE.test(second));
}

/** Links in e-mails may be encoded more than once. */
const MOST_ENCODINGS = 5;

export function decodeDeeply(encoded: string): string {
  let text = encoded;
  for (let round = 0; round < MOST_ENCODINGS && text.includes("%"); round += 1) {
    const decoded = decode(text);
    if (decoded === text) break;
    text = decoded;
  }
  return text;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not UTF-8, or cut off: ASCII characters are decoded anyway.
    return text.replace(/%([2-7][0-9a-f])/gi, (_, code) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    );
  }
}

/** The shortest token, in characters; shorter text more often contains words. */
const LEAST_TOKEN = 16;
const TOKEN_RUN = /[\w+=-]{16,}/g;
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;
const HEXADECIMAL = /[0-9a-f]{16,}/i;
/** A telephone number, or the number of a person or an order. */
const LONG_NUMBER = /^\+?\d[\d ().-]{7,}\d$/;
/** The same beside words, as in `tel-4155550123`. */
const NUMBERS_INSIDE = /\+?\d(?:[ ().-]{0,2}\d){8,}/g;
const BETWEEN_GROUPS = /[ ().-]+/;
const YEAR_OR_DATE = /^(?:19|20)\d\d(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))?$/;

function isKey(text: string): boolean {
  if (text.length < 9) return false;
  if (LONG_NUMBER.test(text)) return !isDates(text);
  const numbers = text.match(NUMBERS_INSIDE) ?? [];
  if (numbers.some((number) => !isDates(number) && !isList(number))) return true;
  if (text.length < LEAST_TOKEN) return false;
  if (UUID.test(text) || HEXADECIMAL.test(text)) return true;
  return (text.match(TOKEN_RUN) ?? []).some((run) => !isOfWords(run));
}

/** `2024-11-24`, `2024-2025-1`, `20241124-10`: years and days, and nothing as long beside them. */
function isDates(number: string): boolean {
  const long = number.split(BETWEEN_GROUPS).filter((group) => group.length > 2);
  if (number.startsWith("+") || long.length === 0) return false;
  return long.every((group) => YEAR_OR_DATE.test(group));
}

/** The sizes in `sizes-32-34-36-38-40` rise; in `tel-33-6-12-34-56-78` a telephone number does not. */
function isList(number: string): boolean {
  const groups = number.split(BETWEEN_GROUPS);
  const rises = groups.every((group, place) => Number(group) > Number(groups[place - 1] ?? 0));
  return /^[1-9]/.test(number) && rises && groups.every((group) => group.length <= 2);
}

const DIGIT_INSIDE = /[a-z]\d+(?=[a-z])/gi;
const CHUNKS = /[A-Z]?[a-z]+|[A-Z]+|\d+/g;
/** `xl`, `4`, `2024`: too short to identify anything. */
const SHORT_PIECE = /^(?:[A-Z]?[a-z]{1,3}|[A-Z]{1,3}|\d{1,4})$/;
/** `3xl`, `b12`, `250ml`, `10x15cm`, `ss2026`: common beside words; alone they look like a token. */
const SHORT_MIXTURE =
  /^(?:[a-z\d]{2,3}|\d{1,4}(?:x\d{1,4})?(?:[agklmvw]|[cm]l|[ckm]?m|kg|[gmt]b|hz|px)?|[a-z]{2}20\d\d)$/;
const WORD = /^(?=.*[aeiouy])(?!.*(.)\1\1\1)(?!.*[bcdfghjklmnpqrstvwxz]{7}).{4,}$/i;

/**
 * Whether a run consists of words: these are long and fill most of the text, while a token mixes
 * digits and letters of both cases.
 */
function isOfWords(run: string): boolean {
  if ((run.match(DIGIT_INSIDE) ?? []).length > 2) return false;
  let all = 0;
  let inWords = 0;
  let chunks = 0;
  let mixed = 0;
  for (const piece of run.split(/[-_+=]+/)) {
    if (SHORT_PIECE.test(piece)) continue;
    if (SHORT_MIXTURE.test(piece)) {
      mixed += piece.length;
      continue;
    }
    all += piece.length;
    for (const chunk of piece.match(CHUNKS) ?? []) {
      chunks += 1;
      if (WORD.test(chunk) && (chunk === piece || isEuphonic(chunk))) inWords += chunk.length;
    }
  }
  const isShort = all + mixed < LEAST_TOKEN / 2;
  return isShort || (all > 0 && inWords * 2 >= all && chunks * 3 <= all);
}

/** Among digits and letters of both cases, only pronounceable text counts as a word. */
function isEuphonic(chunk: string): boolean {
  return (chunk.match(/[aeiouy]/gi) ?? []).length * 4 > chunk.length;
}
