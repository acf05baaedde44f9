import { hostname } from "node:os";
import { isObject, type JsonObject } from "../../lib/json-object.ts";
import type { Dice } from "./dice.ts";
import type { Components, KindName } from "./published.ts";

const MOST_FIELDS = 4;
const DEEPEST = 7;

/** What a text of no known meaning may say. The schema's pattern chooses among them. */
const plain = ["fz-a", "fz", "web", "SIGTERM", "0644", "0-1", "SeBackupPrivilege", "a.b", "1", "v1", "", "two words"];
const namesOfObjects = ["fz-0", "fz-1", "fz-2", "fz-3", "fz-absent"];
const thisNode = hostname().toLowerCase();
const programs = ["/bin/true", "/bin/true", "/bin/sleep"];

/**
 * What fields say that something is done with, by their names: small programs only, few copies, files that are not there, ports of this machine that
 * nobody listens at, no account but root's own and the one that nothing else has.
 */
const harmless: Readonly<Record<string, (dice: Dice) => unknown>> = {
  command: (dice) => dice.pick(programs),
  args: (dice) => dice.pick([["3600"], ["0.01"], [], ["3600", "fz"]]),
  replicas: (dice) => dice.below(3),
  workingDir: (dice) => dice.pick(["/", "/fz-absent"]),
  path: (dice) => dice.pick(["fz/a.conf", "fz", "/fz-absent", "../fz"]),
  account: (dice) => dice.pick(["root", "Dynamic", "fz-no-such-account"]),
  host: (dice) => dice.pick(["127.0.0.1", "localhost"]),
  port: (dice) => dice.pick([9, "fz", 1]),
  gracePeriodSeconds: (dice) => dice.below(2),
  nodeName: () => thisNode,
  session: () => "Console",
  verbs: (dice) => dice.some(["get", "list", "watch", "create", "use", "*"], 3),
  apiGroups: (dice) => dice.some(["", "wctl.dev", "*", "fz"], 2),
  resources: (dice) => dice.some(["processes", "configmaps", "pods/log", "*", "accounts"], 2),
  finalizers: (dice) => dice.some(["fz.example/hold", "foregroundDeletion", "orphan"], 1),
  roleRef: (dice) => ({
    apiGroup: "rbac.authorization.k8s.io",
    kind: dice.pick(["Role", "ClusterRole"]),
    name: dice.pick(["edit", "view", "fz-1"]),
  }),
  subjects: (dice) => dice.pick([[], [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "fz-user" }]]),
  data: (dice) => dice.pick([{}, { fz: "Zno=" }, { fz: "Zno=", "a.b": "" }]),
  dryRun: (dice) => dice.pick([["All"], [], ["All"], ["fz"]]),
  propagationPolicy: (dice) => dice.pick(["Background", "Foreground", "Orphan"]),
  fieldPath: (dice) => dice.pick(["metadata.name", "spec.index"]),
};

/** Makes values that a schema allows, mostly: what it can't say may be wrong with them. */
export class Sampler {
  readonly #components: Components;
  readonly #dice: Dice;

  constructor(components: Components, dice: Dice) {
    this.#components = components;
    this.#dice = dice;
  }

  object(schema: JsonObject, { group, version, kind }: KindName, metadata: JsonObject): JsonObject {
    const { metadata: _, ...made } = this.value(schema, kind, 0) as JsonObject;
    return { ...made, apiVersion: group ? `${group}/${version}` : version, kind, metadata };
  }

  /** Beside the name. */
  metadata(): JsonObject {
    const dice = this.#dice;
    return {
      ...(dice.chance(0.4) ? { labels: this.#labels() } : {}),
      ...(dice.chance(0.2) ? { annotations: { "fz.example/note": dice.pick(plain) } } : {}),
      ...(dice.chance(0.04) ? { finalizers: harmless.finalizers?.(dice) } : {}),
      ...(dice.chance(0.02) ? { ownerReferences: [this.#owner()] } : {}),
    };
  }

  #labels(): JsonObject {
    const { chance, pick } = { chance: (p: number) => this.#dice.chance(p), pick: () => this.#dice.pick(plain) };
    const aggregated = "rbac.authorization.k8s.io/aggregate-to-edit";
    return { fuzz: "yes", ...(chance(0.3) ? { app: pick() } : {}), ...(chance(0.02) ? { [aggregated]: "true" } : {}) };
  }

  #owner(): JsonObject {
    const name = this.#dice.pick(namesOfObjects);
    return { apiVersion: "v1", kind: "ConfigMap", name, uid: "6fd5a5e0-0000-4000-8000-000000000000" };
  }

  value(unresolved: JsonObject, name: string, depth: number): unknown {
    const schema = this.#components.resolve(unresolved);
    const dice = this.#dice;
    const made = harmless[name]?.(dice);
    if (
      made !== undefined &&
      (schema.type !== "array" || Array.isArray(made)) &&
      (schema.type !== "object" || typeof made === "object")
    )
      return made;
    if (schema.type === "array" && name === "command") return [dice.pick(programs)];
    if (Array.isArray(schema.enum)) return dice.pick(schema.enum);
    if (schema["x-kubernetes-int-or-string"] === true) return dice.pick([1, "1", "25%", "64Mi", 0]);
    switch (schema.type) {
      case "string":
        return this.#text(schema, name);
      case "integer":
      case "number":
        return this.#number(schema);
      case "boolean":
        return dice.chance(0.5);
      case "array":
        return depth > DEEPEST ? [] : this.#list(schema, name, depth);
      case "object":
        return depth > DEEPEST ? {} : this.#members(schema, depth);
      default:
        return dice.pick([1, "500m", "64Mi"]);
    }
  }

  #text({ pattern, format }: JsonObject, name: string): string {
    const dice = this.#dice;
    if (format === "date-time") return dice.pick(["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.678901Z"]);
    if (format === "byte") return dice.pick(["", "Zno=", "AAECAw=="]);
    if (name === "name") return dice.pick(namesOfObjects);
    const fitting = typeof pattern === "string" ? plain.filter((text) => new RegExp(pattern, "u").test(text)) : plain;
    return dice.pick(fitting.length > 0 ? fitting : plain);
  }

  #number({ minimum = 0, maximum = 100 }: JsonObject): number {
    const [least, most] = [minimum as number, maximum as number];
    return this.#dice.pick([least, Math.min(most, least + 1), Math.min(most, least + 30), most]);
  }

  #list({ items }: JsonObject, name: string, depth: number): unknown[] {
    if (!isObject(items)) return [];
    return Array.from({ length: 1 + this.#dice.below(2) }, () => this.value(items, name, depth + 1));
  }

  /** All that must be there, and a few that may. */
  #members({ properties, required = [], additionalProperties }: JsonObject, depth: number): JsonObject {
    const made: JsonObject = {};
    const names = Object.keys((properties ?? {}) as JsonObject).filter((name) => name !== "status" || depth > 0);
    const chosen = new Set([...(required as string[]), ...this.#dice.some(names, MOST_FIELDS)]);
    if (names.includes("spec")) chosen.add("spec");
    for (const name of chosen) {
      const field = (properties as JsonObject | undefined)?.[name];
      if (isObject(field)) made[name] = this.value(field, name, depth + 1);
    }
    if (isObject(additionalProperties))
      for (const key of this.#dice.some(["fz", "a.b", "key"], 2))
        made[key] = this.value(additionalProperties, "", depth + 1);
    return made;
  }
}
