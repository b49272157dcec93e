import type { Resolvers } from "../answer-graphql.ts";
import type { LocalShop } from "../installed-shops.ts";

interface MetafieldInput {
  ownerId?: unknown;
  namespace?: unknown;
  key?: unknown;
  type?: unknown;
  value?: unknown;
}

interface UserError {
  field: string[];
  message: string;
  code?: string;
}

/** The metafields of the app's installations, and the root fields that read and write them. */
export interface AppMetafields {
  resolvers: Resolvers;
  /** The value; undefined where there is none. `place`: `settings.tag_id`. */
  valueOf(shop: string, place: string): string | undefined;
  /** Writes one as the app does, without the app. */
  put(shop: string, place: string, value: string): void;
}

const KINDS = ["namespace", "key", "type", "value", "ownerId"] as const;
const MOST_AT_ONCE = 25;

function installationId({ id }: LocalShop): string {
  return `gid://shopify/AppInstallation/${id}`;
}

function inputsOf({ metafields }: Record<string, unknown>): MetafieldInput[] {
  if (!Array.isArray(metafields)) {
    throw new Error(
      "Variable $metafields of type [MetafieldsSetInput!]! was provided invalid value",
    );
  }
  return metafields;
}

/** Finds Shopify's error for one metafield: another app's owner, an invalid name or value. */
function faultOf(shop: LocalShop, input: MetafieldInput, index: number): UserError | undefined {
  const at = (field: string) => ["metafields", String(index), field];
  const fault = (field: string, message: string, code: string) => ({
    field: at(field),
    message,
    code,
  });
  const unknown = Object.keys(input).find((name) => !KINDS.some((kind) => kind === name));
  if (unknown !== undefined)
    throw new Error(`Field is not defined on MetafieldsSetInput: ${unknown}`);
  if (input.ownerId !== installationId(shop)) {
    return fault("ownerId", "Owner does not exist.", "INVALID");
  }
  if (!/^[\w-]{3,255}$/.test(String(input.namespace ?? ""))) {
    return fault("namespace", "Namespace is too short (minimum is 3 characters)", "TOO_SHORT");
  }
  if (!/^[\w-]{2,64}$/.test(String(input.key ?? ""))) {
    return fault("key", "Key is too short (minimum is 2 characters)", "TOO_SHORT");
  }
  if (input.type !== "single_line_text_field") {
    return fault("type", "Type must be one of the supported types", "INVALID_TYPE");
  }
  if (typeof input.value !== "string" || input.value === "") {
    return fault("value", "Value can't be blank.", "BLANK");
  }
  if (/[\r\n]/.test(input.value)) {
    return fault("value", "Value must be a single line text string.", "INVALID_VALUE");
  }
  return undefined;
}

/** Root fields of the Admin API for what an app keeps in its own installation. */
export function createMetafieldResolvers(): AppMetafields {
  const values = new Map<string, string>();
  const place = (domain: string, { namespace, key }: MetafieldInput) =>
    `${domain} ${namespace}.${key}`;
  return {
    valueOf: (shop, name) => values.get(`${shop} ${name}`),
    put: (shop, name, value) => void values.set(`${shop} ${name}`, value),
    resolvers: {
      currentAppInstallation: (shop) => ({ id: installationId(shop) }),
      metafieldsSet(shop, variables) {
        const inputs = inputsOf(variables);
        if (inputs.length > MOST_AT_ONCE) throw new Error("metafields is too long (maximum is 25)");
        const userErrors = inputs.flatMap((input, index) => faultOf(shop, input, index) ?? []);
        // All of them or none.
        if (userErrors.length > 0) return { metafields: null, userErrors };
        for (const input of inputs) values.set(place(shop.domain, input), String(input.value));
        const metafields = inputs.map(({ namespace, key, value }) => ({ namespace, key, value }));
        return { metafields, userErrors: [] };
      },
      metafieldsDelete(shop, variables) {
        const inputs = inputsOf(variables);
        const foreign = inputs.findIndex(({ ownerId }) => ownerId !== installationId(shop));
        if (foreign !== -1) {
          const field = ["metafields", String(foreign), "ownerId"];
          return {
            deletedMetafields: null,
            userErrors: [{ field, message: "Owner does not exist." }],
          };
        }
        const deleted = inputs.map((input) => {
          const known = values.delete(place(shop.domain, input));
          return known ? { namespace: input.namespace, key: input.key } : null;
        });
        return { deletedMetafields: deleted, userErrors: [] };
      },
    },
  };
}
