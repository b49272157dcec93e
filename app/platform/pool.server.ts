import type { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { whileHolding } from "./work/held-connection.server.ts";

/** A pool of connections, and transactions on them. */
export interface Connections {
  /** `bigint` columns come as BigInt, also from `count(*)`; dates without a time as YYYY-MM-DD. */
  pool: pg.Pool;
  /** Commits what `work` did on its connection, or rolls everything back when it throws. */
  transaction: Transaction;
}

/** How long the database may take before the caller gives up. */
export interface Patience {
  /** The limit of one statement; the database itself ends it. */
  statementMs: number;
  /** The limit for an idle transaction: locks of a client that vanished are released after this. */
  idleMs: number;
}

const PATIENCE: Patience = { statementMs: 5_000, idleMs: 5_000 };
/** The limit for a statement that the database should have ended by now: the server is gone. */
const GRACE_MS = 1_000;

const CONNECT_TIMEOUT_MS = 2_000;
const KEEP_ALIVE_DELAY_MS = 10_000;

/** Keepalive for the database's side, which would otherwise wait hours for a dead client. */
const KEEP_ALIVE = {
  tcp_user_timeout: 10_000,
  tcp_keepalives_idle: 10,
  tcp_keepalives_interval: 5,
  tcp_keepalives_count: 3,
};

interface PoolOptions {
  patience?: Patience;
  /** Settings of its sessions beside those that all have. */
  settings?: Readonly<Record<string, string>>;
}

/**
 * Settings with which statements are planned by the order of an index. A process plans its
 * statements once, often over tables that are still empty, and may run them over a million rows
 * before Postgres has analysed the tables again.
 */
export const PLAN_BY_INDEX = {
  enable_seqscan: "off",
  enable_bitmapscan: "off",
  enable_sort: "off",
} as const;

/**
 * Makes the connections that all of Pinrelay uses: every exchange has a deadline, and a connection
 * that met a fault of its own or of the server is never lent again. Then its neighbours are closed
 * as well: they lead to the same host, which is gone, or no longer accepts writes.
 */
export function createPool(
  target: pg.PoolConfig,
  max: number,
  { patience = PATIENCE, settings = {} }: PoolOptions = {},
): pg.Pool {
  const pool = new ContentPool({
    ...withSettings(target, {
      // Partitions and counters are by the day in UTC, whatever the server's time zone.
      timezone: "UTC",
      // Wake-ups and claims must see each other's commits; under repeatable read one could be lost.
      default_transaction_isolation: "read committed",
      // Statements of ours take milliseconds, and to compile one takes hundreds.
      jit: "off",
      statement_timeout: patience.statementMs,
      idle_in_transaction_session_timeout: patience.idleMs,
      ...KEEP_ALIVE,
      ...settings,
    }),
    application_name: "pinrelay",
    max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // A pipelined connection that exceeds it is closed.
    query_timeout: patience.statementMs + GRACE_MS,
    // Statements of one transaction that do not need each other's results share a round trip.
    pipeline: true,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    types: { getTypeParser },
  });
  throwAwayTheBroken(pool);
  return pool;
}

/** How long a pool makes do with the connections it has, once the server had no place for another. */
const CONTENT_MS = 1_000;
const FULL_POLL_MS = 50;
/** The server, the database or the role has as many connections as it may have. */
const TOO_MANY = "53300";
const isTooMany = (error: unknown) => (error as { code?: unknown }).code === TOO_MANY;

/**
 * A pool that makes do with what it has while the server has no place for more. Where many processes
 * share a server, work would otherwise fail although a connection of its own was free a moment later.
 */
class ContentPool extends pg.Pool {
  readonly #max = this.options.max;
  /** Why there is no further connection; while the server has places, null. */
  #full: unknown = null;

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    const connected = this.#connect(Date.now() + CONNECT_TIMEOUT_MS);
    if (callback === undefined) return connected;
    connected.then(
      (client) => callback(undefined, client, client.release),
      (error: Error) => callback(error, undefined, () => {}),
    );
    return undefined;
  }

  async #connect(until: number): Promise<pg.PoolClient> {
    for (;;) {
      try {
        return await super.connect();
      } catch (error) {
        // A caller whose wait ended without a connection gets the server's error, not the timeout.
        if (!isTooMany(error) || Date.now() >= until) throw this.#full ?? error;
        this.#beContent();
        if (this.#full === null) void this.#growAgain();
        this.#full = error;
        if (this.totalCount === 0) await wait(FULL_POLL_MS);
      }
    }
  }

  /** Callers wait for one of those meanwhile, instead of troubling the server. */
  #beContent(): void {
    this.options.max = Math.max(1, this.totalCount);
  }

  /**
   * Takes one connection more at a time while callers wait. The server counts tries that arrive
   * together, so that it may turn away all of them although it has places.
   */
  async #growAgain(): Promise<void> {
    let pauseMs = FULL_POLL_MS;
    try {
      for (;;) {
        await wait(pauseMs, undefined, { ref: false });
        if (this.totalCount >= this.#max) break;
        const isWanted = this.waitingCount > 0;
        if (!isWanted && pauseMs === CONTENT_MS) break;
        pauseMs = isWanted && (await this.#addOne()) ? 0 : CONTENT_MS;
      }
    } catch {
      // The server cannot be reached, or the pool has ended: callers see that for themselves.
    }
    this.#full = null;
    this.options.max = this.#max;
  }

  /** A changed limit alone serves no waiting caller: this connection does, when it is given back. */
  async #addOne(): Promise<boolean> {
    this.options.max = this.totalCount + 1;
    try {
      (await super.connect()).release();
      return true;
    } catch (error) {
      if (!isTooMany(error)) throw error;
      this.#beContent();
      return false;
    }
  }
}

type ConnectCallback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (error?: Error | boolean) => void,
) => void;

/** `options` of the URL, such as the name of a branch, stay: pg would use them in place of ours. */
function withSettings(
  target: pg.PoolConfig,
  settings: Record<string, string | number>,
): pg.PoolConfig {
  const ours = Object.entries(settings).map(
    ([name, value]) => `-c ${name}=${String(value).replaceAll(" ", "\\ ")}`,
  );
  const url = URL.parse(target.connectionString ?? "");
  const given = url?.searchParams.get("options");
  if (url === null || !given) return { ...target, options: ours.join(" ") };
  url.searchParams.delete("options");
  return { ...target, connectionString: url.href, options: [given, ...ours].join(" ") };
}

/** Fields that pg's types lack. */
interface Wire {
  connection: EventEmitter & { stream: Duplex };
  getTransactionStatus(): "I" | "T" | "E" | null;
}

function throwAwayTheBroken(pool: pg.Pool): void {
  const idle = new Set<pg.PoolClient>();
  const lent = new Set<pg.PoolClient>();
  const doomed = new WeakSet<pg.PoolClient>();

  function throwAway(fault: Error): void {
    for (const client of lent) doomed.add(client);
    for (const client of idle) {
      idle.delete(client);
      // Treated as if it had broken by itself: the pool forgets it.
      client.emit("error", fault);
      close(client);
    }
  }

  // An error event without a listener ends the process.
  pool.on("error", () => {});
  pool.on("connect", (client) => {
    client.on("error", (fault) => {
      idle.delete(client);
      throwAway(fault);
    });
    (client as unknown as Wire).connection.on("errorMessage", (fault: pg.DatabaseError) => {
      if (endsConnection(fault)) throwAway(fault);
    });
  });
  pool.on("acquire", (client) => {
    idle.delete(client);
    lent.add(client);
  });
  pool.on("release", (_error, client) => {
    lent.delete(client);
    if (doomed.has(client) || isOpen(client)) close(client);
    else idle.add(client);
  });
  pool.on("remove", (client) => {
    idle.delete(client);
    lent.delete(client);
  });
}

/** Closes the socket without a goodbye message, which a host that is gone would never answer. */
function close(client: pg.PoolClient): void {
  void (client as unknown as pg.Client).end();
  (client as unknown as Wire).connection.stream.destroy();
}

/**
 * Read only: the server became a standby. A plan or a prepared statement that does not fit: the
 * session is not the one we expect, behind a pooler or after a migration.
 */
const ENDING_CODES = new Set(["25006", "26000", "0A000"]);
/** Connection exceptions, and a server that is stopped. */
const ENDING_CLASSES = new Set(["08", "57"]);
/** A statement that took too long says nothing about its connection. */
const CANCELLED = "57014";

function endsConnection({ code = "", severity = "" }: pg.DatabaseError): boolean {
  if (code === CANCELLED) return false;
  return (
    severity === "FATAL" ||
    severity === "PANIC" ||
    ENDING_CODES.has(code) ||
    ENDING_CLASSES.has(code.slice(0, 2))
  );
}

interface TransactionOptions {
  /** The limit of each statement; without it, the pool's. */
  statementTimeoutMs?: number;
  /** The limit for each lock that another transaction holds. */
  lockTimeoutMs?: number;
}

export type Transaction = <T>(
  work: (client: pg.PoolClient) => Promise<T>,
  options?: TransactionOptions,
) => Promise<T>;

/** Postgres answers the commit of a failed transaction with a rollback, and no error. */
export class NotCommittedError extends Error {
  override name = "NotCommittedError";
  code = "not_committed";
}

/** Ends a transaction. Sent right behind its last statements, it shares their round trip. */
export async function commit(client: Pick<pg.PoolClient, "query">): Promise<void> {
  const { command } = await client.query("commit");
  if (command !== "COMMIT") throw new NotCommittedError("the transaction was rolled back");
}

/**
 * Waits for statements that were sent together, in this order. Rejects with the fault of the first
 * that failed: those behind it fail because of it, and may say so sooner.
 */
export async function inOrder<T extends readonly unknown[]>(
  statements: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  const settled = await Promise.allSettled(statements);
  const failed = settled.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
  return settled.map((each) => (each as PromiseFulfilledResult<unknown>).value) as unknown as T;
}

/**
 * Commits what `work` did on its connection, unless `work` committed itself, or rolls everything
 * back when it throws.
 */
export function transactionOn(pool: pg.Pool): Transaction {
  return async (work, options = {}) => {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      // A failure shows in the first statement, which is sent with it.
      const beginning = client.query(beginWith(options));
      beginning.catch(() => {});
      const result = await whileHolding(() => work(client));
      await beginning;
      if (isOpen(client)) await commit(client);
      return result;
    } catch (error) {
      await client.query("rollback").catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      // With an error the pool discards the connection: its transaction may still be open.
      client.release(broken);
    }
  };
}

function isOpen(client: pg.PoolClient): boolean {
  return ((client as unknown as Wire).getTransactionStatus() ?? "I") !== "I";
}

function beginWith({ statementTimeoutMs, lockTimeoutMs }: TransactionOptions): string {
  const limits = { statement_timeout: statementTimeoutMs, lock_timeout: lockTimeoutMs };
  const settings = Object.entries(limits)
    .filter(([, limit]) => limit !== undefined)
    .map(([name, limit]) => `; set local ${name} = ${limit}`);
  return `begin isolation level read committed${settings.join("")}`;
}

/** Makes a pool with connections of its own. */
export function connectionsOn(pool: pg.Pool): Connections {
  return { pool, transaction: transactionOn(pool) };
}

/** Parsers by type. pg itself would return strings, and midnight in the process's time zone. */
const PARSERS: Record<number, (value: string) => unknown> = {
  [pg.types.builtins.INT8]: BigInt,
  [pg.types.builtins.DATE]: (value) => value,
  // int8[], which may read `{1,NULL}`.
  1016: (value) => (value.match(/-?\d+|NULL/g) ?? []).map((n) => (n === "NULL" ? null : BigInt(n))),
};

/** Parsers for our pool only: pg's own table is shared with every library in the process. */
const getTypeParser = ((oid: number, format?: "text" | "binary") =>
  (format === "binary" ? undefined : PARSERS[oid]) ??
  pg.types.getTypeParser(oid, format as "text")) as typeof pg.types.getTypeParser;
