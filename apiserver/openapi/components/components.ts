import { schemas } from "../../../api/schemas.generated.ts";
import { apiVersionOf } from "../../../api/scheme.ts";
import { structural } from "../../../api/structural-schema.ts";
import { isObject, type JsonObject } from "../../../lib/json-object.ts";
import { componentName, type KindName, metaPackage, packageOf } from "./component-name.ts";
import { diffComponents } from "./diff-components.ts";
import { eventComponents } from "./event-components.ts";
import { metaComponents, metaNames, typeMeta } from "./meta-components.ts";
import { metricsComponents } from "./metrics-components.ts";
import { reviewComponents } from "./review-components.ts";

/** A schema in which `$ref` is the name of a component. */
export type Component = JsonObject;

const known = schemas as unknown as Readonly<Record<string, JsonObject>>;

/**
 * The components of the document, each once however often it is used: every object in `schemas/` that has a title, the kinds and their lists,
 * and Kubernetes' own types.
 */
export class Components {
  readonly all = new Map<string, Component>(
    Object.entries({
      ...metaComponents,
      ...metricsComponents,
      ...reviewComponents,
      ...eventComponents,
      ...diffComponents,
    }),
  );

  constructor() {
    this.#addTitled(fieldOf(known.Process!, "metadata"), metaPackage);
  }

  /** The name of the component of a kind. What no schema describes may have any field. */
  kind(kind: KindName): string {
    const name = componentName(kind);
    if (this.all.has(name)) return name;
    const schema = schemaOf(kind);
    this.all.set(name, {
      ...(schema ? this.#kindOf(schema, kind) : { type: "object", "x-kubernetes-preserve-unknown-fields": true }),
      "x-kubernetes-group-version-kind": [gvk(kind)],
    });
    return name;
  }

  list(kind: KindName): string {
    const list = { ...kind, kind: `${kind.kind}List` };
    const name = componentName(list);
    if (this.all.has(name)) return name;
    this.all.set(name, {
      type: "object",
      description: `${list.kind} is a list of ${kind.kind}.`,
      required: ["items"],
      properties: {
        apiVersion: typeMeta.apiVersion,
        items: { type: "array", description: "The objects.", items: { $ref: this.kind(kind) } },
        kind: typeMeta.kind,
        metadata: { $ref: metaNames.listMeta, description: "Of the list." },
      },
      "x-kubernetes-group-version-kind": [gvk(list)],
    });
    return name;
  }

  /** Its type is in the request already, and what must be named is judged when it is known who is named by the server. */
  #kindOf(schema: JsonObject, kind: KindName): Component {
    const { required = [], ...made } = this.#componentOf(schema, packageOf(kind));
    const demanded = (required as string[]).filter((name) => !["apiVersion", "kind", "metadata"].includes(name));
    const properties = { ...(made.properties as JsonObject), ...typeMeta };
    return { ...made, ...(demanded.length > 0 ? { required: demanded } : {}), properties };
  }

  #componentOf(schema: JsonObject, inPackage: string): Component {
    return structural(schema, (field) => this.#addTitled(field, inPackage));
  }

  /** A reference to it, with what is said of this use of it. */
  #addTitled(schema: JsonObject, inPackage: string): Component {
    if (typeof schema.title !== "string" || !isObject(schema.properties)) return this.#componentOf(schema, inPackage);
    const own = schema.title === "ObjectMeta" ? metaPackage : inPackage;
    const name = `${own}.${schema.title}`;
    if (!this.all.has(name)) {
      // What is said stands where it is used: clients print both, and of another use something else is true.
      const { description: _, ...component } = this.#componentOf(schema, own);
      this.all.set(name, component);
    }
    const { description, default: value } = schema;
    return {
      $ref: name,
      ...(description === undefined ? {} : { description }),
      ...(value === undefined ? {} : { default: value }),
    };
  }
}

export const gvk = ({ group, version, kind }: KindName): KindName => ({ group, version, kind });

const fieldOf = (schema: JsonObject, name: string): JsonObject =>
  (schema.properties as Readonly<Record<string, JsonObject>>)[name] as JsonObject;

/** A kind of another group may have the same name. */
function schemaOf(kind: KindName): JsonObject | undefined {
  const schema = Object.hasOwn(known, kind.kind) ? known[kind.kind] : undefined;
  return schema && fieldOf(schema, "apiVersion")?.const === apiVersionOf(kind) ? schema : undefined;
}

/** The names of the components that these refer to, and so on. */
export function reachable(all: ReadonlyMap<string, Component>, from: Iterable<string>): string[] {
  const found = new Set(from);
  for (const name of found) for (const other of referencesIn(all.get(name))) found.add(other);
  return [...found].sort();
}

function* referencesIn(node: unknown): Generator<string> {
  if (Array.isArray(node)) for (const item of node) yield* referencesIn(item);
  else if (isObject(node)) {
    if (typeof node.$ref === "string") yield node.$ref;
    for (const value of Object.values(node)) yield* referencesIn(value);
  }
}
