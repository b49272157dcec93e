/**
 * Names that Shopify gave one source one after the other. The first stands for all, in lists and in
 * counts; a shop may have its rule under any.
 */
const RENAMED = [["subscription_contract", "subscription_contract_checkout_one"]] as const;

const NAMES: ReadonlyMap<string, readonly string[]> = new Map(
  RENAMED.flatMap((names) => names.map((name) => [name, names] as const)),
);

/** The source of a `source_name`. */
export function sourceOf(sourceName: string): string {
  return NAMES.get(sourceName)?.[0] ?? sourceName;
}

/** The name itself, and the others of the same source. */
export function namesOfSource(sourceName: string): readonly string[] {
  const names = NAMES.get(sourceName) ?? [];
  return [sourceName, ...names.filter((name) => name !== sourceName)];
}
