import type { MappedEvent } from "#app/events/mapped-event.ts";
import type { TaskResult } from "./task-document.server.ts";

/** What a task does through a shop: its connection, and its outbox. */
export interface ShopDoor {
  /** Null: the shop is not connected. */
  connection(): Promise<ShopConnection | null>;
  /**
   * Stores the events (durable: the worker sends them) and waits for their outcomes, up to
   * `waitSeconds`. One result per event, by place; `index` is the caller's. What is open by then is
   * `pending`. An event id that the shop has already keeps its first event, and reports its state,
   * but not its content, unless that is the same.
   */
  send(
    events: readonly { index: number; mapped: MappedEvent }[],
    options: { waitSeconds: number; onSettled?: (settled: number) => void },
  ): Promise<TaskResult[]>;
}

export interface ShopConnection {
  adAccountId: string;
  /** For reading tags. */
  token: string;
  sendingToken: string;
  state: "active" | "paused";
}
