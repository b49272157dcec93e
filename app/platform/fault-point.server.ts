/** A moment of the work at which a test may kill the process, named by what has just happened. */
export type FaultPoint =
  | "webhook headers read"
  | "webhook body read"
  | "webhook signature fits"
  | "webhook insert sent"
  | "webhook committed"
  | "webhook answered"
  | "claim begins"
  | "accounts claimed"
  | "batch ready"
  | "answer read"
  | "batch half settled"
  | "request settled";

declare global {
  /** Set by a module that a test loads before the app (`node --import`); nothing else sets it. */
  var pinrelayFaultPoint: ((point: FaultPoint) => void) | undefined;
}

/** Does nothing, unless a test put its own function in place before the app was loaded. */
export const reach: (point: FaultPoint) => void = globalThis.pinrelayFaultPoint ?? (() => {});
