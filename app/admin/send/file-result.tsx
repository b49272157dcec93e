import { BlockStack, Text } from "@shopify/polaris";
import { Code } from "#app/admin/shell/code.tsx";
import { RefusedTable } from "./fault-table.tsx";
import { FileProblem } from "./file-problem.tsx";
import { sendFileTexts } from "./file-texts.ts";
import { Lost } from "./lost.tsx";
import { ResultCard } from "./result-card.tsx";
import type { SendAnswer } from "./view.ts";

const { result: texts } = sendFileTexts;

/** What came of a file in demo or test mode; a live one has a page of its own. */
export function FileResult({ answer }: { answer: SendAnswer }) {
  if (answer.intent !== "send-file") return <Lost answer={answer} />;
  if (answer.problem !== null) return <FileProblem problem={answer.problem} answer={answer} />;
  const { report } = answer;
  if (report === null) return null;
  const { tone, title, text, mode, firstBody, refused } = report;
  return (
    <ResultCard tone={tone} title={title} text={text} mode={mode} answer={report}>
      {refused.length > 0 && <RefusedTable refused={refused} />}
      {firstBody !== null && (
        <BlockStack gap="100">
          <Text as="h3" variant="headingSm">
            {texts.firstRequest}
          </Text>
          <Code label={texts.firstRequest} text={firstBody} />
        </BlockStack>
      )}
    </ResultCard>
  );
}
