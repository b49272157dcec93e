import type { ServerResponse } from "node:http";
import { type Answer, sendAnswer } from "../local-server.ts";
import { BAD_GATEWAY, type ErrorStatus, errorAnswer } from "./errors.ts";
import type { Fault } from "./faults.ts";
import type { EventsAnswer } from "./take-events.ts";

export interface BadAnswerParts {
  response: ServerResponse;
  /** Records the call and gives the answer it should have had. */
  process: () => Answer;
  /** 422 with events. */
  partly: (fault: Extract<Fault, { kind: "status" }>) => Answer;
}

function answerStatus(fault: Extract<Fault, { kind: "status" }>, parts: BadAnswerParts): Answer {
  if (fault.recorded) parts.process();
  const headers: Record<string, string> =
    fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) };
  if (fault.status === 502) return { ...BAD_GATEWAY, headers };
  if (fault.status === 422) return { ...parts.partly(fault), headers };
  return { ...errorAnswer(fault.status satisfies ErrorStatus), headers };
}

/** Rewrites the list of outcomes of a good answer; anything else passes as it is. */
function withEvents(answer: Answer, change: (events: unknown[]) => unknown[]): Answer {
  const json = answer.json as EventsAnswer | undefined;
  if (answer.status !== 200 || !Array.isArray(json?.events)) return answer;
  return { ...answer, json: { ...json, events: change(json.events) } };
}

function asText(answer: Answer, text: string): Answer {
  const headers = { ...answer.headers, "content-type": "application/json" };
  return { status: answer.status, headers, text };
}

function drip(response: ServerResponse, answer: Answer, everyMs: number): void {
  const body = Buffer.from(JSON.stringify(answer.json));
  response.writeHead(answer.status, {
    "content-type": "application/json",
    "content-length": body.length,
  });
  let sent = 0;
  const timer = setInterval(() => {
    response.write(body.subarray(sent, sent + 1));
    sent += 1;
    if (sent < body.length) return;
    clearInterval(timer);
    response.end();
  }, everyMs);
  // Also on a client that gives up, which is what should happen.
  response.once("close", () => clearInterval(timer));
}

function cut(response: ServerResponse, answer: Answer): void {
  const body = Buffer.from(JSON.stringify(answer.json));
  response.writeHead(answer.status, {
    "content-type": "application/json",
    "content-length": body.length,
  });
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
}

/** Answers as the fault says. Returns the status that was sent, null if none was. */
export function answerBadly(fault: Fault, parts: BadAnswerParts): number | null {
  const { response } = parts;
  const send = (answer: Answer) => {
    sendAnswer(response, answer);
    return answer.status;
  };
  switch (fault.kind) {
    case "status":
      return send(answerStatus(fault, parts));
    case "hang":
      if (fault.recorded) parts.process();
      return null;
    case "reset":
      if (fault.recorded) parts.process();
      response.socket?.resetAndDestroy();
      return null;
    case "drip": {
      const answer = parts.process();
      drip(response, answer, fault.everyMs);
      return answer.status;
    }
    case "cut": {
      const answer = parts.process();
      cut(response, answer);
      return answer.status;
    }
    case "malformed":
      return send(asText(parts.process(), '{"num_events_received": 1, num_events_processed: }'));
    case "truncated": {
      const answer = parts.process();
      const text = JSON.stringify(answer.json);
      return send(asText(answer, text.slice(0, Math.floor(text.length / 2))));
    }
    case "wrong_length":
      return send(withEvents(parts.process(), (events) => events.slice(1)));
    case "shuffled":
      return send(withEvents(parts.process(), (events) => events.toReversed()));
    case "huge": {
      const answer = parts.process();
      const padding = "x".repeat(fault.sizeBytes ?? 10 * 1024 * 1024);
      return send({ ...answer, json: { ...(answer.json as object), padding } });
    }
    case "latency":
    case "poison":
      return send(parts.process());
  }
}
