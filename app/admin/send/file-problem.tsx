import { ResultCard } from "./result-card.tsx";
import type { ProblemView } from "./view.ts";

/** Why a file, or a request with it, came to nothing. */
export function FileProblem({ problem, answer }: { problem: ProblemView; answer: unknown }) {
  const text = `${problem.cause} ${problem.fix}`.trim();
  return (
    <ResultCard tone="critical" title={problem.title} text={text} mode={null} answer={answer} />
  );
}
