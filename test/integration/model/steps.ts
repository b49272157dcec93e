import fc from "fast-check";
import { installShop } from "#app/shops/install-shop.server.ts";
import { uninstallShop } from "#app/shops/uninstall-shop.server.ts";
import { type Gate, type StoreCrash, WEEK_SECONDS } from "./event-path.ts";
import type { Told, Topic } from "./shoppers.ts";
import type { World } from "./world.ts";

type Place = 0 | 1 | 2 | 3;
type ShopNumber = 0 | 1;

/** One thing that happens, as plain data: it is printed, shrunk and repeated as such. */
export type Step =
  /** The first delivery of a webhook, or any later one of the same. */
  | { do: "deliver"; topic: Topic; at: Place; crash: StoreCrash }
  | { do: "edit"; at: Place }
  | {
      do: "tell";
      told: Told;
      at: Place;
      /** The shop whose pixel tells: not always the checkout's. */
      by: ShopNumber;
      hasGoodKey: boolean;
      second: number;
      withCart: boolean;
      isCutOff: boolean;
    }
  /** Somebody who knows the pixel's key and the number of an order. */
  | { do: "guess"; told: "completed" | "refused"; at: Place; second: number }
  | { do: "replay"; nth: number; isCutOff: boolean }
  | { do: "uninstall"; shop: ShopNumber }
  /** Shopify repeats the message of an earlier uninstall. */
  | { do: "repeatUninstall"; shop: ShopNumber }
  | { do: "reinstall"; shop: ShopNumber }
  | { do: "tick"; seconds: number }
  | { do: "work"; gate: Gate; answer: "good" | "lost" | "unavailable" }
  | { do: "resume"; nth: number };

type Happening<Kind extends Step["do"]> = {
  /** Whether it can happen now. */
  can?(world: World, step: Extract<Step, { do: Kind }>): boolean;
  run(world: World, step: Extract<Step, { do: Kind }>): Promise<unknown>;
};

const HAPPENINGS: { [Kind in Step["do"]]: Happening<Kind> } = {
  deliver: {
    run: (world, { topic, at, crash }) =>
      world.deliver([world.webhook(world.checkouts[at], topic)], crash),
  },
  edit: {
    can: (world, { at }) => !world.checkouts[at].isEdited,
    run: async (world, { at }) => {
      world.checkouts[at].isEdited = true;
    },
  },
  tell: {
    run: (world, { at, by: shop, hasGoodKey, isCutOff, ...telling }) =>
      world.tell({ shop, hasGoodKey }, world.checkouts[at], telling, isCutOff),
  },
  guess: {
    run: (world, { at, told, second }) => {
      const checkout = world.checkouts[at];
      const telling = { told, second, withCart: false, isGuess: true };
      return world.tell({ shop: checkout.shop, hasGoodKey: true }, checkout, telling, false);
    },
  },
  replay: {
    can: (world) => world.bodies.length > 0,
    run: (world, { nth, isCutOff }) => world.replay([pick(world.bodies, nth)], isCutOff),
  },
  uninstall: {
    can: (world, { shop }) => world.shops[shop].isInstalled,
    async run(world, { shop: index }) {
      const shop = world.shops[index];
      const triggeredAt = new Date();
      shop.uninstalls.push(triggeredAt);
      await uninstallShop(world.path, { domain: shop.domain, triggeredAt });
      shop.isInstalled = false;
    },
  },
  repeatUninstall: {
    can: (world, { shop }) =>
      world.shops[shop].isInstalled && world.shops[shop].uninstalls.length > 0,
    async run(world, { shop: index }) {
      const { domain, uninstalls } = world.shops[index];
      await uninstallShop(world.path, { domain, triggeredAt: pick(uninstalls, 0) });
    },
  },
  reinstall: {
    can: (world, { shop }) => !world.shops[shop].isInstalled,
    async run(world, { shop: index }) {
      const shop = world.shops[index];
      await installShop(world.path, { domain: shop.domain });
      shop.isInstalled = true;
    },
  },
  tick: { run: (world, { seconds }) => world.passTime(seconds) },
  work: { run: (world, { gate, answer }) => world.work(gate, answer) },
  resume: {
    can: (world) => world.stopped.length > 0,
    run: (world, { nth }) => world.resume(pick(world.stopped, nth)),
  },
};

function pick<T>(list: readonly T[], nth: number): T {
  return list[nth % list.length] as T;
}

function happeningOf(step: Step): Happening<Step["do"]> {
  return HAPPENINGS[step.do] as Happening<Step["do"]>;
}

/** Does a step; one that cannot happen now is left out. */
export async function take(world: World, step: Step): Promise<void> {
  const { can, run } = happeningOf(step);
  if (can?.(world, step) ?? true) await run(world, step);
}

class Command implements fc.AsyncCommand<World, World> {
  readonly step: Step;
  constructor(step: Step) {
    this.step = step;
  }
  check(world: Readonly<World>): boolean {
    return happeningOf(this.step).can?.(world as World, this.step) ?? true;
  }
  async run(_model: World, world: World): Promise<void> {
    await happeningOf(this.step).run(world, this.step);
  }
  toString(): string {
    return JSON.stringify(this.step);
  }
}

const at = fc.constantFrom<Place>(0, 0, 0, 0, 0, 1, 2, 3);
const shop = fc.constantFrom<ShopNumber>(0, 0, 0, 1);
const second = fc.integer({ min: 0, max: 9 });
const nth = fc.nat(9);
const isCutOff = fc.boolean();
const rarely = { arbitrary: fc.constant(true), weight: 1 };
const often = { arbitrary: fc.constant(false), weight: 5 };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant("deliver"),
      topic: fc.constantFrom<Topic>(
        "created",
        "created",
        "created",
        "paid",
        "checkout",
        "cancelled",
      ),
      at,
      crash: fc.constantFrom<StoreCrash>(
        "none",
        "none",
        "none",
        "uncommitted",
        "half",
        "committed",
      ),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant("tell"),
      told: fc.constantFrom<Told>(
        "started",
        "started",
        "completed",
        "completed",
        "allowed",
        "refused",
      ),
      at,
      by: shop,
      hasGoodKey: fc.oneof(
        { arbitrary: fc.constant(true), weight: 9 },
        { arbitrary: fc.constant(false), weight: 1 },
      ),
      second,
      withCart: fc.oneof(rarely, often),
      isCutOff,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("guess"),
      told: fc.constantFrom("completed", "completed", "refused"),
      at,
      second,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("replay"), nth, isCutOff }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("edit"), at }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("uninstall"), shop }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reinstall"), shop }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("repeatUninstall"), shop }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("tick"),
      seconds: fc.constantFrom(5, 5, 40, 40, 40, 1_000, WEEK_SECONDS),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("work"),
      gate: fc.constantFrom<Gate>("none", "none", "before", "after"),
      answer: fc.constantFrom("good", "good", "lost", "unavailable"),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("resume"), nth }) },
) as fc.Arbitrary<Step>;

/** Histories of a few steps, any of which may come anywhere. */
export function histories(replayPath: string | undefined) {
  const commands = [step.map((each) => new Command(each))];
  const options = { maxCommands: 12, size: "max" } as const;
  return fc.commands(commands, { ...options, ...(replayPath !== undefined && { replayPath }) });
}
