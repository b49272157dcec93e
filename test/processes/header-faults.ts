import type { RawAnswer } from "./ask-raw.ts";

/** The parts of the policy of an answer that is no page; a page has more, and frames. */
const ALWAYS = ["default-src 'none'", "base-uri 'none'", "object-src 'none'"];
const NO_PAGE = ["form-action 'none'", "frame-ancestors 'none'", "sandbox"];
const PAGE = [
  /^script-src 'self' 'nonce-[\w+/=]{22,}' \S+$/,
  /^style-src 'self' 'unsafe-inline' \S+$/,
  /^frame-ancestors ('none'|https:\/\/\S+( \S+)+)$/,
  /^connect-src 'self' \S+/,
  /^form-action 'self' \S+/,
];

const NO_REQUEST = [400, 417, 431];

/** What is wrong with the headers of an answer, whatever it answers. */
export function findHeaderFaults({ status, headers }: RawAnswer, target: string): string[] {
  const isAsset = target.startsWith("/assets/") || /^\/favicon\.\w+$/.test(target);
  const isPage = headers["content-type"]?.startsWith("text/html") === true;
  const policy = String(headers["content-security-policy"]).split("; ");
  const rules: [string, boolean][] = [
    ["may be sniffed", headers["x-content-type-options"] === "nosniff"],
    // What Node itself refuses is no request yet, and is in no log.
    ["has no id", NO_REQUEST.includes(status) || /^[\w-]{36}$/.test(`${headers["x-request-id"]}`)],
    ["names its address", headers["referrer-policy"] === "strict-origin"],
    ["names its maker", headers["x-powered-by"] === undefined && headers.server === undefined],
    ["may be read by other origins", isOwn(headers, target)],
    [
      "may be stored",
      isAsset || /^(no-store|public, max-age=300)$/.test(`${headers["cache-control"]}`),
    ],
    ["sets a cookie", headers["set-cookie"] === undefined],
    ...[...ALWAYS, ...(isPage ? [] : NO_PAGE)].map((part) => {
      return [`lacks ${part}`, policy.includes(part)] as [string, boolean];
    }),
    ...(isPage ? PAGE : []).map((part) => {
      return [`lacks ${part}`, policy.some((given) => part.test(given))] as [string, boolean];
    }),
    ["runs any script", !/unsafe-(inline|eval)|\*/.test(policy.find(isOfScripts) ?? "")],
    ["shares its window", !isPage || headers["cross-origin-opener-policy"] === "same-origin"],
    ["has a camera", !isPage || /camera=\(\)/.test(String(headers["permissions-policy"]))],
    ["has a type without a name", headers["content-type"] !== ""],
    ["has no charset", !isPage || headers["content-type"] === "text/html; charset=utf-8"],
  ];
  return rules.filter(([, holds]) => !holds).map(([fault]) => fault);
}

const isOfScripts = (part: string) => part.startsWith("script-src");

/** Only what shoppers' pages call answers other origins. */
function isOwn(headers: RawAnswer["headers"], target: string): boolean {
  const isPublic = /^\/pixel(\?|$)/.test(target);
  const resource = headers["cross-origin-resource-policy"];
  const origin = headers["access-control-allow-origin"];
  return isPublic
    ? resource === "cross-origin" && origin === "*"
    : resource === "same-origin" && origin === undefined;
}
