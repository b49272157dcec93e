import { fork, type Serializable } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A script of `processes/` that runs beside the app, and answers questions. */
export interface BenchProcess<Ready> {
  pid: number;
  /** What it said when it was ready. */
  ready: Ready;
  ask<Answer>(question: Serializable): Promise<Answer>;
  stop(): Promise<void>;
}

const STOP_WITHIN_MS = 10_000;

/** Starts the script and waits until it is ready. It ends with us: its channel to us breaks. */
export async function startProcess<Ready>(
  script: string,
  env: Record<string, string>,
): Promise<BenchProcess<Ready>> {
  const file = fileURLToPath(new URL(`processes/${script}`, import.meta.url));
  const child = fork(file, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    // Bytes go as they are.
    serialization: "advanced",
  });
  const exited = once(child, "exit");
  const nextMessage = async <T>(): Promise<T> => {
    const ended = exited.then(() => {
      throw new Error(`${script} ended`);
    });
    const [message] = await Promise.race([once(child, "message"), ended]);
    return message as T;
  };
  return {
    pid: child.pid ?? 0,
    ready: await nextMessage<Ready>(),
    ask: async <Answer>(question: Serializable) => {
      child.send(question);
      return nextMessage<Answer>();
    },
    async stop() {
      const last = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
      child.kill("SIGTERM");
      await exited;
      clearTimeout(last);
    },
  };
}
