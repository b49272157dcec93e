/**
 * Names that Shopify has given one source over time. The first stands for all, in lists and in
 * counts; a shop may have its rule under any of them.
 */
const RENAMED = [["subscription_contract", "subscription_contract_checkout_one"]] as const;

const NAMES: ReadonlyMap<string, readonly string[]> = new Map(
  RENAMED.flatMap((names) => names.map((name) => [name, names] as const)),
);

/** Normalises a `source_name` to the name of its source. */
export function toSource(sourceName: string): string {
  return NAMES.get(sourceName)?.[0] ?? sourceName;
}

/** Lists the name itself and the other names of the same source. */
export function namesOfSource(sourceName: string): readonly string[] {
  const names = NAMES.get(sourceName) ?? [];
  return [sourceName, ...names.filter((name) => name !== sourceName)];
}
