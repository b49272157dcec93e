import type { Installation } from "../installation.ts";
import type { OrderSource } from "../order-source.ts";
import { CONNECTIONS, FEW_CONNECTIONS, type Sizes } from "../sizes.ts";
import { startProcess } from "../start-process.ts";
import {
  type AckRate,
  type Contender,
  medianOf,
  ratioOf,
  runRound,
  sendToAll,
} from "./run-contenders.ts";

export interface Acks {
  rounds: number;
  connections: number;
  few_connections: number;
  body_bytes: number;
  cut_body_bytes: number;
  app: AckRate;
  app_few: AckRate;
  /** With bodies as Shopify cuts them by `include_fields`. */
  app_cut: AckRate;
  /** Two processes of the app on the one database, as an operator with two cores would run it. */
  app_twice: AckRate;
  answer_only: AckRate;
  commit_each: AckRate;
  /** A plain server: verify, parse, one transaction with receipt and event for each request. */
  plain: AckRate;
  plain_few: AckRate;
  plain_cut: AckRate;
  /** The app's rate over each baseline's: medians of the rounds' ratios. */
  ratio_to_answer_only: number;
  ratio_to_commit_each: number;
  ratio_to_plain: number;
  ratio_to_plain_few: number;
  /** Both with cut bodies; and the app with cut bodies over the plain server with whole ones. */
  ratio_to_plain_cut: number;
  ratio_cut_to_plain: number;
}

/**
 * Acknowledged webhooks a second by the app and by simpler servers. They take turns on one database,
 * so that a busy minute of the machine meets all of them.
 */
export async function measureAcks(
  installation: Installation,
  orders: OrderSource,
  sizes: Sizes["acks"],
): Promise<Acks> {
  const { env, shops } = installation;
  const app = await installation.startApp({ PINRELAY_ROLE: "web" });
  const second = await installation.startApp({ PINRELAY_ROLE: "web" });
  const scripts = ["answer-only.ts", "commit-each.ts", "plain-transaction.ts"];
  const started = [];
  for (const script of scripts) started.push(await startProcess<{ url: string }>(script, env));
  const [answerOnly, commitEach, plain] = started.map(({ ready, pid }) => ({ ...ready, pid }));
  const enter = (server: Server | undefined, changes: Partial<Contender> = {}): Contender => ({
    servers: server === undefined ? [] : [server],
    connections: CONNECTIONS,
    webhooks: sizes.webhooks,
    sign: orders.sign,
    rounds: [],
    bodyBytes: 0,
    ...changes,
  });
  const few = { connections: FEW_CONNECTIONS };
  const cut = { sign: orders.signCut };
  const contenders = {
    answerOnly: enter(answerOnly),
    commitEach: enter(commitEach, { webhooks: sizes.webhooksOneByOne }),
    plain: enter(plain),
    app: enter(app),
    plainFew: enter(plain, few),
    appFew: enter(app, few),
    plainCut: enter(plain, cut),
    appCut: enter(app, cut),
    appTwice: enter(app, { servers: [app, second] }),
  };
  try {
    for (const contender of Object.values(contenders)) {
      const count = Math.min(sizes.warmUp, 2 * contender.webhooks);
      const warmUp = orders.sign(count, shops).map(({ request }) => request);
      await sendToAll(contender, warmUp);
    }
    for (let round = 0; round < sizes.rounds; round += 1) {
      for (const contender of Object.values(contenders)) await runRound(installation, contender);
    }
  } finally {
    await Promise.all([
      ...[app, second].map((each) => each.kill("SIGTERM")),
      ...started.map((each) => each.stop()),
    ]);
  }
  return summarize(contenders, sizes.rounds);
}

type Server = Contender["servers"][number];

type Contenders = Record<
  | "app"
  | "appFew"
  | "appCut"
  | "appTwice"
  | "answerOnly"
  | "commitEach"
  | "plain"
  | "plainFew"
  | "plainCut",
  Contender
>;

function summarize(contenders: Contenders, rounds: number): Acks {
  const { app, appFew, appCut, appTwice, answerOnly, commitEach } = contenders;
  const { plain, plainFew, plainCut } = contenders;
  return {
    rounds,
    connections: CONNECTIONS,
    few_connections: FEW_CONNECTIONS,
    body_bytes: app.bodyBytes,
    cut_body_bytes: appCut.bodyBytes,
    app: medianOf(app),
    app_few: medianOf(appFew),
    app_cut: medianOf(appCut),
    app_twice: medianOf(appTwice),
    answer_only: medianOf(answerOnly),
    commit_each: medianOf(commitEach),
    plain: medianOf(plain),
    plain_few: medianOf(plainFew),
    plain_cut: medianOf(plainCut),
    ratio_to_answer_only: ratioOf(app, answerOnly),
    ratio_to_commit_each: ratioOf(app, commitEach),
    ratio_to_plain: ratioOf(app, plain),
    ratio_to_plain_few: ratioOf(appFew, plainFew),
    ratio_to_plain_cut: ratioOf(appCut, plainCut),
    ratio_cut_to_plain: ratioOf(appCut, plain),
  };
}
