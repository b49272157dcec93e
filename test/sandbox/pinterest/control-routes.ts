import type { Answer, SandboxRequest } from "../local-server.ts";
import { type FaultScript, parseFaults } from "./faults.ts";
import type { Ledger } from "./ledger.ts";

/**
 * The same levers for other processes: `POST /_control/faults` (a fault or a list),
 * `POST /_control/heal[?ad_account_id=]`, `GET /_control/ledger`.
 */
export function answerControl(
  { faults, ledger }: { faults: FaultScript; ledger: Ledger },
  { method, url, body }: SandboxRequest,
): Answer {
  const call = `${method} ${url.pathname}`;
  if (call === "POST /_control/faults") {
    try {
      for (const fault of parseFaults(body.toString())) faults.add(fault);
      return { status: 204 };
    } catch (error) {
      return { status: 400, json: { message: String(error) } };
    }
  }
  if (call === "POST /_control/heal") {
    faults.heal(url.searchParams.get("ad_account_id") ?? undefined);
    return { status: 204 };
  }
  if (call === "GET /_control/ledger") {
    const { accepted, requests, duplicates, violations } = ledger;
    const accounts = new Set(requests.map(({ adAccountId }) => adAccountId));
    const peaks = [...accounts].map((id) => [id, ledger.peakCallsPerMinute(id)]);
    const peakCallsPerMinute = Object.fromEntries(peaks);
    return {
      status: 200,
      json: { accepted, requests, duplicates, violations, peakCallsPerMinute },
    };
  }
  return { status: 404, json: { message: "no such control" } };
}
