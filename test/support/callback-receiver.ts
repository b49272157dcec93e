import type { ServerResponse } from "node:http";
import { onTestFinished } from "vitest";
import { type Answer, type SandboxRequest, startLocalServer } from "#test/sandbox/local-server.ts";

export interface Received {
  headers: Record<string, string>;
  body: string;
}

type AnswerNext = (count: number, response: ServerResponse) => Answer | undefined;

/**
 * Somebody's receiver of results. `answerNext` gets how many have come, and gives the answer, or
 * nothing when it took the response over; without it every message is answered 204.
 */
export async function startReceiver(answerNext: AnswerNext = () => ({ status: 204 })) {
  const received: Received[] = [];
  const server = await startLocalServer(({ headers, body }: SandboxRequest, response) => {
    received.push({ headers: headers as Record<string, string>, body: body.toString("utf8") });
    return answerNext(received.length, response);
  });
  onTestFinished(() => server.close());
  return { received, url: `${server.url}/results?key=of-the-receiver`, port: server.port };
}
