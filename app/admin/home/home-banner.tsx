import { Banner } from "@shopify/polaris";
import type { Problem } from "#app/admin/shell/problems/problem.ts";
import type { HomeAction } from "./use-home-action.ts";

/** The worst of what is amiss; what a button mends is mended here. */
export function HomeBanner({ problem, action }: { problem: Problem; action: HomeAction }) {
  const { severity, title, cause, nextStep } = problem;
  return (
    <Banner title={title} tone={severity} {...describeButton(problem.action, action)}>
      <p>{cause}</p>
      <p>{nextStep}</p>
    </Banner>
  );
}

function describeButton(wanted: Problem["action"], { run, isBusy }: HomeAction) {
  if (wanted === null) return {};
  const { label: content } = wanted;
  return "url" in wanted
    ? { action: { content, url: wanted.url } }
    : { action: { content, loading: isBusy, onAction: () => run(wanted.intent) } };
}
