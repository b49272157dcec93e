/** Fields asked for, by the name they are answered under. */
export type Selection = Map<string, { field: string; args: string; selection: Selection | null }>;

const TOKENS = /\.{3}|[A-Za-z_]\w*|[{}():!,$[\]@=]|"(?:[^"\\]|\\.)*"|-?\d[\w.]*/g;

/** Text between a pair of brackets that opens at `start`; the index after it. */
function skipParentheses(tokens: string[], start: number): number {
  let depth = 0;
  for (let index = start; index < tokens.length; index += 1) {
    if (tokens[index] === "(") depth += 1;
    if (tokens[index] === ")") depth -= 1;
    if (depth === 0) return index + 1;
  }
  throw new Error("syntax error, unclosed parenthesis");
}

function readSelection(tokens: string[], start: number): { selection: Selection; next: number } {
  const selection: Selection = new Map();
  let index = start + 1;
  while (tokens[index] !== "}") {
    let field = tokens[index];
    if (field === undefined || !/^[A-Za-z_]/.test(field)) {
      throw new Error(`syntax error, unexpected ${field ?? "end of file"}`);
    }
    const name = field;
    index += 1;
    if (tokens[index] === ":") {
      field = tokens[index + 1] ?? "";
      index += 2;
    }
    const argsStart = index;
    if (tokens[index] === "(") index = skipParentheses(tokens, index);
    const args = tokens.slice(argsStart, index).join(" ");
    let inner: Selection | null = null;
    if (tokens[index] === "{") ({ selection: inner, next: index } = readSelection(tokens, index));
    selection.set(name, { field, args, selection: inner });
  }
  return { selection, next: index + 1 };
}

/**
 * The fields of the one operation of a GraphQL document: names, aliases, arguments as text; no
 * fragments, no directives. Throws on what it cannot read.
 */
export function parseQuery(query: string): Selection {
  const tokens = query.replace(/#.*$/gm, "").match(TOKENS) ?? [];
  let index = 0;
  if (tokens[0] === "query" || tokens[0] === "mutation") {
    index = tokens[1] === "(" || tokens[1] === "{" ? 1 : 2;
    if (tokens[index] === "(") index = skipParentheses(tokens, index);
  }
  if (tokens[index] !== "{") throw new Error("syntax error, expecting LCURLY");
  return readSelection(tokens, index).selection;
}

/** Exactly the fields asked for, as a GraphQL server answers; throws for a field that is not there. */
export function selectFields(value: unknown, selection: Selection | null, type: string): unknown {
  if (Array.isArray(value)) return value.map((item) => selectFields(item, selection, type));
  if (value === null || typeof value !== "object") return value;
  if (selection === null) {
    throw new Error(`Field must have selections (field '${type}' returns an object)`);
  }
  const answer: Record<string, unknown> = {};
  for (const [name, { field, selection: inner }] of selection) {
    if (!Object.hasOwn(value, field)) {
      throw new Error(`Field '${field}' doesn't exist on type '${type}'`);
    }
    answer[name] = selectFields((value as Record<string, unknown>)[field], inner, field);
  }
  return answer;
}
