import type { DemoExchange } from "./task-document.server.ts";

/** The request as the client would make it, with a word in the token's place. */
export function demoExchange(
  apiUrl: string,
  { path, body = null, answer }: { path: string; body?: unknown; answer: unknown },
): DemoExchange {
  const isPost = body !== null;
  return {
    method: isPost ? "POST" : "GET",
    url: apiUrl.replace(/\/+$/, "") + path,
    headers: {
      Accept: "application/json",
      "User-Agent": "pinrelay",
      Authorization: "Bearer <your token>",
      ...(isPost ? { "Content-Type": "application/json" } : {}),
    },
    body,
    answer: { http_status: 200, body: answer },
  };
}
