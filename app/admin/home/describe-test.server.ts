import { homeTexts } from "#app/texts/home/home.ts";
import type { TestOutcome } from "#app/texts/home/home-page.ts";
import { say } from "#app/texts/say.ts";

type Result = { ok: true; warning: string | null } | { ok: false; cause: string; nextStep: string };

const { passed, passedNoted, failed } = homeTexts.guide.event;

/** What Pinterest said of a test event, in words. */
export function describeTest(result: Result): TestOutcome {
  if (!result.ok) {
    const text = [result.cause, result.nextStep].filter((part) => part !== "").join(" ");
    return { isAccepted: false, title: failed, text };
  }
  const { warning } = result;
  const title = warning === null ? passed : say(passedNoted, { warning });
  return { isAccepted: true, title, text: "" };
}
