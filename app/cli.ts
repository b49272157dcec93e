#!/usr/bin/env node

import { readFileSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import {
  type CommandResult,
  describeFailure,
  describeMisuse,
  HINT,
  withoutValues,
} from "#app/commands/command.server.ts";
import { settingsHelp } from "#app/commands/describe-settings.server.ts";
import {
  countryCode,
  digits,
  pastTime,
  shopDomain,
  wholeNumber,
  wholeSeconds,
} from "#app/commands/parse-argument.server.ts";
import type { Terminal } from "#app/commands/run-task-command.server.ts";
import { API_KEY_SCOPES } from "#app/events/api-key-scope.ts";
import { EVENT_STATES, type EventState } from "#app/events/event-state.ts";
import { INPUT_FORMATS } from "#app/tasks/files/raw-input.server.ts";
import { TASKS, type TaskName } from "#app/tasks/task-document.server.ts";

/** The process that a command runs in; `process` itself is one. */
export interface CliProcess {
  /** As Node gives it: the command begins with the third. */
  argv: readonly string[];
  env: Record<string, string | undefined>;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: Terminal;
}

/** What the definitions of commands are given. */
interface Cli {
  /** Streams are touched when they are needed, not before: opening stdin has a cost. */
  context: { env: CliProcess["env"]; process: CliProcess };
  finish(result: CommandResult): void;
}

/**
 * Runs the `pinrelay` command and returns its exit code. 0: done; 1: failed; 2: wrong usage or
 * input. With `--json` stdout holds one JSON document and nothing else, also for a failure.
 */
export async function runCli(process: CliProcess): Promise<0 | 1 | 2> {
  // The raw arguments decide: a usage error has no parsed options yet.
  const wantsJson = process.argv.includes("--json");
  const task = TASKS.find((name) => name === process.argv[2]);
  let end: 0 | 1 | 2 = 0;
  const finish = ({ json, text, complaint, exitCode = 0 }: CommandResult): void => {
    const output = wantsJson ? JSON.stringify(json) : text;
    if (output !== "") process.stdout.write(`${output}\n`);
    if (complaint !== undefined && !wantsJson) process.stderr.write(`${complaint}\n`);
    end = exitCode;
  };
  const program = createProgram({ context: { env: process.env, process }, finish }, wantsJson);
  try {
    await program.parseAsync(process.argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) finish(describeFailure(error as Error, task));
    // `commander.help` is no command at all: a script that lost its command must not look done.
    else if (!/^commander\.(helpDisplayed|version)$/.test(error.code)) {
      // Commander has said on stderr what is wrong; a caller that reads JSON must hear it too.
      finish(describeMisuse(error, task));
    }
  }
  return end;
}

function createProgram(cli: Cli, wantsJson: boolean): Command {
  const { stdout, stderr } = cli.context.process;
  const program = new Command("pinrelay")
    .description("Shopify orders, checkouts and sign-ups as Pinterest conversion events.")
    .version(readVersion())
    .configureHelp({ visibleCommands: listCommands, subcommandTerm: fullName })
    .showHelpAfterError(HINT)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void (wantsJson || stderr.write(withoutValues(text))),
    });
  addTaskCommands(program, cli);
  const group = (name: string, description: string) =>
    program.command(name).description(description);
  addShopCommands(group("shop", "shops and their Pinterest connections"), cli);
  addEventCommands(group("events", "what was sent, and sending it again"), cli);
  addOrderCommands(program, cli);
  addAlertCommands(group("alerts", "what is wrong, and who is told"), cli);
  addEncryptionCommands(group("keys", "the keys that encrypt stored data"), cli);
  command(program, "doctor", "check environment, database, Shopify, Pinterest and clock").action(
    async () =>
      cli.finish(await (await import("#app/commands/run-doctor.server.ts")).runDoctor(cli.context)),
  );
  return program;
}

const TASK_DESCRIPTIONS: Record<TaskName, string> = {
  send_event: "send one event",
  send_batch_events: "send a list of events: JSON, JSON Lines or CSV",
  list_conversion_tags: "the Pinterest tags of an ad account",
  get_conversion_tag: "one Pinterest tag",
};

function addTaskCommands(program: Command, { context, finish }: Cli): void {
  for (const name of TASKS) {
    const sub = command(program, name, TASK_DESCRIPTIONS[name])
      .option("--input <file>", "what to do; - for stdin")
      .option("--demo", "send nothing; show the request, and the answer that it would get")
      .option("--ad-account <id>", "Pinterest ad account", digits)
      .option("--token-env <variable>", "environment variable that holds the access token")
      .addOption(
        new Option("--shop <domain>", "by the connection of that shop, as in demo.myshopify.com")
          .argParser(shopDomain)
          .conflicts("tokenEnv"),
      )
      .option("--webhook-secret-env <variable>", "environment variable: signs for webhookUrl");
    if (name === "get_conversion_tag") sub.option("--tag <id>", "the tag", digits);
    if (name === "send_batch_events") {
      sub.addOption(
        new Option("--format <format>", "of the input, where its name does not say").choices(
          INPUT_FORMATS,
        ),
      );
    }
    if (name.startsWith("send_")) {
      sub
        .option("--test", "Pinterest checks the events and records nothing")
        .option("--wait <seconds>", "with --shop, for outcomes", wholeSeconds);
    }
    sub.action(async (options) => {
      const { runTaskCommand } = await import("#app/commands/run-task-command.server.ts");
      finish(await runTaskCommand(context, name, options));
    });
  }
}

function addShopCommands(shop: Command, { context, finish }: Cli): void {
  shopCommand(shop, "connect", "connect a shop to an ad account; creates the shop if need be")
    .requiredOption("--ad-account <id>", "Pinterest ad account", digits)
    .option("--leave-waiting", "what waits for another ad account stays there")
    .requiredOption("--token-env <variable>", "environment variable that holds the access token")
    .option(
      "--country <code>",
      "where the shop is, until Shopify has said: two letters",
      countryCode,
    )
    .action(async (options) => {
      const { connectShop } = await import("#app/commands/shops.server.ts");
      finish(await connectShop(context, options));
    });
  command(shop, "list", "all shops").action(async () => {
    const { listAllShops } = await import("#app/commands/shops.server.ts");
    finish(await listAllShops(context));
  });
  shopCommand(shop, "show", "one shop with its settings").action(async (options) => {
    const { showShop } = await import("#app/commands/shops.server.ts");
    finish(await showShop(context, options));
  });
  shopCommand(shop, "set", "change settings; KEY=default puts one back to its default")
    .argument("<key=value...>", "settings, by the names of `pinrelay shop show`")
    .addHelpText("after", settingsHelp)
    .action(async (assignments: string[], options) => {
      const { setSettings } = await import("#app/commands/shops.server.ts");
      finish(await setSettings(context, { ...options, assignments }));
    });
  addKeyCommands(shop, { context, finish });
}

function addKeyCommands(shop: Command, { context, finish }: Cli): void {
  const load = () => import("#app/commands/api-keys.server.ts");
  shopCommand(shop, "api-key", "make a new API key and print it this once")
    .option("--name <name>", "to know it by in the list of keys", "")
    .addOption(
      new Option("--scope <scope...>", "what it may do: send events, read conversion tags")
        .choices(API_KEY_SCOPES)
        .default(API_KEY_SCOPES),
    )
    .action(async (options) => finish(await (await load()).makeApiKey(context, options)));
  shopCommand(
    shop,
    "api-keys",
    "the shop's API keys, what each may do, and when it was used last",
  ).action(async (options) => finish(await (await load()).showApiKeys(context, options)));
  shopCommand(shop, "revoke-api-key", "end an API key for good")
    .requiredOption("--key <id>", "its number in `pinrelay shop api-keys`", digits)
    .action(async (options) => finish(await (await load()).endApiKey(context, options)));
  shopCommand(
    shop,
    "callback-secret",
    "what results that are posted to a URL are signed with",
  ).action(async (options) => finish(await (await load()).showCallbackSecret(context, options)));
}

function addEventCommands(events: Command, { context, finish }: Cli): void {
  shopCommand(events, "list", "a shop's events, the latest first, and their counts")
    .addOption(new Option("--state <state>", "only those").choices(EVENT_STATES))
    .option("--order <id>", "only those of the order")
    .option("--limit <n>", "at most so many", wholeNumber, 1_000)
    .action(
      async (options: { shop: string; state?: EventState; order?: string; limit: number }) => {
        const { listShopEvents } = await import("#app/commands/events.server.ts");
        finish(await listShopEvents(context, { ...options, orderId: options.order }));
      },
    );
  shopCommand(events, "show", "one event: what was sent, and each answer of Pinterest")
    .argument("<event-id>")
    .action(async (eventId: string, options) => {
      const { showEvent } = await import("#app/commands/show-event.server.ts");
      finish(await showEvent(context, { ...options, eventId }));
    });
  shopCommand(events, "replay", "send events again, under the same ids")
    .option("--event <id...>", "these events")
    .addOption(
      new Option("--state <state>", "all that are").choices(EVENT_STATES).conflicts("event"),
    )
    .addOption(new Option("--since <time>", "that arrived since").argParser(pastTime))
    .action(async (options: ReplayFlags, self: Command) => {
      const { replayEvents } = await import("#app/commands/events.server.ts");
      finish(await replayEvents(context, { shop: options.shop, ...replayChoice(options, self) }));
    });
}

function addOrderCommands(program: Command, { context, finish }: Cli): void {
  const run = async (options: { shop: string; since: Date | null; isDry: boolean }) => {
    const { reconcileShop } = await import("#app/commands/reconcile-orders.server.ts");
    const { adminOpener } = await import("./open-admin.server.ts");
    const say = (line: string) => void process.stderr.write(`${line}\n`);
    finish(await reconcileShop({ ...context, adminOpener, say }, options));
  };
  const since = () => new Option("--since <time>", "that were placed since").argParser(pastTime);
  shopCommand(program, "reconcile", "find orders without an event at Shopify, and send them")
    .addOption(since())
    .action((options) => run({ since: null, isDry: false, ...options }));
  shopCommand(program, "backfill", "the same from a time of your own, before the install too")
    .addOption(since().makeOptionMandatory())
    .option("--dry-run", "change nothing; say what would be done")
    .action(({ dryRun = false, ...options }) => run({ isDry: dryRun, ...options }));
}

function addAlertCommands(alerts: Command, { context, finish }: Cli): void {
  const load = () => import("#app/commands/alerts.server.ts");
  shopCommand(alerts, "list", "the shop's alerts that last, the latest first")
    .option("--all", "those that ended in the last 90 days too")
    .action(async (options) => finish(await (await load()).showAlerts(context, options)));
  shopCommand(alerts, "test", "send a test alert to everybody whom the settings name").action(
    async (options) => finish(await (await load()).testAlerts(context, options)),
  );
}

function addEncryptionCommands(keys: Command, { context, finish }: Cli): void {
  const load = () => import("#app/commands/encryption-keys.server.ts");
  command(keys, "rotate", "wrap all data keys under the first of ENCRYPTION_KEYS").action(
    async () => finish(await (await load()).rotateKeys(context)),
  );
  command(keys, "status", "which of ENCRYPTION_KEYS are still needed, and what for").action(
    async () => finish(await (await load()).showKeys(context)),
  );
}

interface ReplayFlags {
  shop: string;
  event?: string[];
  state?: EventState;
  since?: Date;
}

function replayChoice({ event, state, since }: ReplayFlags, self: Command) {
  if (event !== undefined && since !== undefined) self.error("error: --since goes with --state");
  if (event !== undefined) return { eventIds: event };
  if (state === undefined) self.error("error: name the events: --event ID, or --state STATE");
  return { state: state ?? "", since: since ?? null };
}

function command(parent: Command, name: string, description: string): Command {
  return parent.command(name).description(description).option("--json", "print JSON");
}

function shopCommand(parent: Command, name: string, description: string): Command {
  return command(parent, name, description).requiredOption(
    "--shop <domain>",
    "the shop, as in demo.myshopify.com",
    shopDomain,
  );
}

/** Lists every command of the program, at any depth. */
function listCommands(parent: Command): Command[] {
  return parent.commands.flatMap((child) =>
    child.commands.length > 0 ? listCommands(child) : [child],
  );
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

function readVersion(): string {
  return JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;
}

/** Runs the command of this process. */
export async function main(): Promise<void> {
  // A reader such as `head` may close the pipe: that ends the command and is not an error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
  process.exitCode = await runCli(process);
}

if (import.meta.main) await main();
