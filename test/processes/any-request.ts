import fc from "fast-check";
import { HOSTILE_TEXTS } from "#test/support/hostile-texts.ts";
import { knownWords, multipart, pathOf, type Route, routes } from "./routes-of-build.ts";

const word = fc.oneof(fc.constantFrom(...knownWords), fc.constantFrom(...HOSTILE_TEXTS));
const text = fc.oneof(word, fc.string({ unit: "binary", maxLength: 40 }));
const pairs = fc.array(fc.tuple(word, text), { maxLength: 8 });

/** What anybody may ask of a route, in words that the sources know and in hostile ones. */
export const anyRequest = fc.record({
  id: fc.constantFrom(...routes.keys()),
  param: text,
  query: pairs,
  form: pairs,
  method: fc.constantFrom("GET", "GET", "POST", "HEAD"),
  isData: fc.boolean(),
  isSignedIn: fc.boolean(),
  isMultipart: fc.boolean(),
  language: text,
});

type AnyRequest = typeof anyRequest extends fc.Arbitrary<infer Request> ? Request : never;

/** Writes it as it is sent. */
export function buildRequest(given: AnyRequest) {
  const route = routes.get(given.id) as Route;
  const param = encodeURIComponent(given.param.toWellFormed());
  const path = pathOf(route).replace(/:[^/]+|\*/g, () => param) || "/";
  const wellFormed = (list: [string, string][]) =>
    new URLSearchParams(list.map(([n, v]) => [n.toWellFormed(), v.toWellFormed()]));
  const search = wellFormed(given.query as [string, string][]);
  if (route.index) search.append("index", "");
  if (given.isData) search.set("_data", given.id);
  const form = given.form as [string, string][];
  const isPost = given.method === "POST";
  const type = given.isMultipart
    ? "multipart/form-data; boundary=bound"
    : "application/x-www-form-urlencoded";
  const language = Buffer.from(given.language.toWellFormed())
    .toString("latin1")
    .replace(/[^\t\x20-\x7e\x80-\xff]/g, "");
  const body = given.isMultipart ? multipart(form) : String(wellFormed(form));
  return {
    target: `${path}?${search}`,
    method: given.method,
    headers: { "x-pinrelay-locale": language, ...(isPost && { "content-type": type }) },
    body: isPost ? body : null,
  };
}
