import type { InstallationOptions } from "./installation.ts";
import type { Observation } from "./observation.ts";
import type { Load, Scene } from "./scene.ts";

/** A fault, and what must hold beside the invariants. */
export interface Cell {
  name: string;
  kind: CellKind;
  /** Within `npm test` as well. */
  isQuick?: true;
  /** What the load is; default orders of six shops. */
  load?: Load;
  /** An installation of its own, where it needs a particular one or leaves none behind. */
  own?: InstallationOptions;
  /** What `--plant` does: the defence is taken away, and then the cell has to fail. */
  plant?: string;
  /** Why it cannot run on this machine. */
  lack?: string;
  /** Brings the fault about, while the load runs; it is over when this resolves. */
  fault(scene: Scene): Promise<void>;
  /** What takes long and keeps nobody else from working: the cells after this one go on meanwhile. */
  afterwards?(scene: Scene): Promise<void>;
  /** What else must hold, as sentences for what does not. */
  also?(observed: Observation, scene: Scene): string[] | Promise<string[]>;
}

export type CellKind =
  | "web killed"
  | "worker killed"
  | "stopped"
  | "Postgres"
  | "Pinterest"
  | "traffic"
  | "content"
  | "clock"
  | "operator";

export interface CellResult {
  name: string;
  seed: number;
  faults: string[];
  acknowledged: number;
  repeats: number;
  seconds: number;
}
