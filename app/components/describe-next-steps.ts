import type { OverviewFacts } from "./overview-facts.ts";

/** Something to do: the effect, why, and the command that mends it where there is one. */
export interface NextStep {
  title: string;
  text: string;
  command: string | null;
}

type Situation = OverviewFacts & { isLate: boolean };

/** Worst first; empty when there is nothing to do. */
export function describeNextSteps(situation: Situation, shop: string): NextStep[] {
  const { connection, counts, isLate } = situation;
  const steps: NextStep[] = [];
  if (connection.state === "none") steps.push(connectStep(counts.pending, shop));
  if (connection.state === "paused") steps.push(resumeStep(situation, shop));
  if (isLate) {
    steps.push({
      title: "Events reach Pinterest late",
      text: "Pinterest did not take them at once. Pinrelay keeps trying by itself, and sends nothing twice.",
      command: null,
    });
  }
  if (counts.rejected > 0) {
    steps.push({
      title: `Pinterest refused ${events(counts.rejected)}`,
      text: "The list says why, for each of them, in Pinterest's words.",
      command: `npx pinrelay events list --shop ${shop} --state rejected`,
    });
  }
  return steps;
}

const KEPT = "An event can wait for 6 days and 20 hours from the moment it happened.";

function connectStep(pending: number, shop: string): NextStep {
  const kept =
    pending === 0
      ? "Orders are kept, and will be sent when you connect."
      : `${events(pending)} ${pending === 1 ? "is" : "are"} kept, and will be sent when you connect.`;
  return {
    title: "Connect your Pinterest ad account",
    text: `${kept} ${KEPT} Whoever runs Pinrelay for you connects with this command; the variable PINTEREST_TOKEN holds the ad account's access token.`,
    command: connectCommand(shop, "YOUR_AD_ACCOUNT_ID"),
  };
}

/** Why sending stopped, by the reason a connection is paused for. */
const CAUSES: Record<string, { title: string; cause: string }> = {
  unauthorized: {
    title: "Pinterest no longer accepts this connection",
    cause: "The access token was revoked, or has run out. Connect again with a new one.",
  },
  forbidden: {
    title: "Pinterest does not let this connection send events",
    cause:
      "Its Pinterest user has no role for it. Ask an admin of the business for Admin, Analyst, Audience or Campaign access to the ad account, then connect again.",
  },
  account_not_found: {
    title: "Pinterest does not know this ad account",
    cause: "Look up the number in Pinterest Ads Manager, then connect again.",
  },
  merchant: { title: "Sending is paused", cause: "To send again, connect again." },
};

function resumeStep({ connection, counts }: Situation, shop: string): NextStep {
  const { title, cause } = CAUSES[connection.pauseReason ?? ""] ?? {
    title: "Sending is stopped",
    cause: "To send again, connect again.",
  };
  const { pending } = counts;
  const kept =
    pending === 0
      ? "Orders are kept meanwhile."
      : `${events(pending)} ${pending === 1 ? "is" : "are"} kept.`;
  return {
    title,
    text: `${cause} ${kept} ${KEPT}`,
    command: connectCommand(shop, connection.adAccountId ?? "YOUR_AD_ACCOUNT_ID"),
  };
}

function connectCommand(shop: string, adAccountId: string): string {
  return `npx pinrelay shop connect --shop ${shop} --ad-account ${adAccountId} --token-env PINTEREST_TOKEN`;
}

function events(count: number): string {
  return count === 1 ? "1 event" : `${count.toLocaleString("en-US")} events`;
}
