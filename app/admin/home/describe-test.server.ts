import { say } from "#app/admin/shell/format/say.ts";
import { homeTexts } from "./texts.ts";
import type { TestOutcome } from "./view.ts";

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
