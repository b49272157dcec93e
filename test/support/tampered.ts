import fc from "fast-check";

const hostileText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("\u0000", "\ud800", "x".repeat(100_000), "__proto__", "constructor", "1e400"),
);
const hostileValue = fc.oneof(
  hostileText,
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e308, [], {}, [[]], { amount: {} }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** One of the objects, in which up to four values, at any depth, are something else. */
export function tampered(bases: readonly object[]): fc.Arbitrary<object> {
  return fc
    .record({
      base: fc.constantFrom(...bases),
      changes: fc.array(fc.record({ at: fc.nat(), value: hostileValue }), { maxLength: 4 }),
    })
    .map(({ base, changes }) => {
      const body = structuredClone(base);
      for (const { at, value } of changes) {
        const places = listPlaces(body);
        const [holder, key] = places[at % places.length] ?? [body, "id"];
        // A copy: the same object put into itself would make the body endless.
        (holder as Record<string, unknown>)[key] = structuredClone(value);
      }
      return body;
    });
}

function listPlaces(value: unknown): [object, string][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    [value, key] as [object, string],
    ...listPlaces(inner),
  ]);
}
