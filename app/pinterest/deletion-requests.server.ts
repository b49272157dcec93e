import { deletionRequestAnswer } from "./answers.server.ts";
import { isPinterestId } from "./pinterest-id.server.ts";
import { invalid, type Result, readResult } from "./result.server.ts";
import type { Transport } from "./transport.server.ts";

/**
 * Asks Pinterest to delete the conversions of people from an ad account, and returns the id of the
 * request: 72 hours later it is processed, and done within 30 days. In beta, "not available to all
 * apps" (specification 5.24 to 5.28). Emails go in plain text, unlike those of events. Needs an OAuth
 * token.
 */
export async function requestDeletion(
  transport: Transport,
  { adAccountId, token, emails }: { adAccountId: string; token: string; emails: readonly string[] },
): Promise<Result<string>> {
  if (!isPinterestId(adAccountId)) return invalid("The ad account id must be 1 to 18 digits");
  const exchange = await transport.send({
    method: "POST",
    path: `/ad_accounts/${adAccountId}/conversion_deletion_requests`,
    authorization: `Bearer ${token}`,
    body: {
      type: "application/json",
      text: JSON.stringify({ deletion_targets: { user_emails: emails } }),
    },
    secrets: () => [token, ...emails],
  });
  const read = readResult(exchange, deletionRequestAnswer);
  return read.ok ? { ok: true, value: read.value.request_id } : read;
}
