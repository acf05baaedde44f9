import { schemas } from "../../../api/schemas.generated.ts";
import type { Resource } from "../../../api/scheme.ts";
import type { Schema } from "../../../apiserver/admission/schema.ts";
import { instance, object, process } from "../fixtures.ts";

/** Numbers from 0 to 1, the same for the same seed (mulberry32): a failing manifest can be made again. */
export function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Random = () => number;
const pick = <T>(from: readonly T[], rng: Random): T => from[Math.floor(rng() * from.length)] as T;

const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });

/** What somebody, or something, might write in the place of a value. */
const HOSTILE: readonly unknown[] = [
  null,
  undefined,
  true,
  0,
  -0,
  -1,
  1.5,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 53 + 2,
  Number.POSITIVE_INFINITY, // what JSON.parse makes of 1e309
  "",
  " ",
  "web",
  "10%",
  "0",
  "512Mi",
  "1e400",
  "/srv/app",
  "C:\\apps\\app.exe",
  "run.bat",
  "RUN.CMD. ",
  "a\u0000b",
  "a\nb",
  "\ud800",
  "x\udfff\ud800y",
  "e\u0301",
  "\u202egnp.exe",
  "../../etc/passwd",
  "2026-02-30T99:00:00Z",
  "2026-01-01T00:00:00Z",
  "eA==",
  "%%%",
  "wctl.dev/v1",
  "toString",
  "x".repeat(300),
  "y".repeat(40_000),
  [],
  {},
  [null],
  [[]],
  [1, "a", null, {}],
  { a: null },
  { name: "a" },
  { toString: 1, hasOwnProperty: "x", valueOf: null },
  { toJSON: "x", length: -1 },
  { constructor: 1 },
  JSON.parse('{"__proto__":{"polluted":true}}'),
  nested(30),
  nested(70),
  Array.from({ length: 50 }, (_, index) => ({ name: `n${index % 40}` })),
];

const KEYS = [
  "bogus",
  "replica",
  "",
  "name",
  "Name",
  "__proto__",
  "constructor",
  "toString",
  "a/b",
  "\ud800",
  "status",
  "0",
  "x".repeat(100),
];

/** A valid manifest of the kind, with most of its fields. */
const VALID: Readonly<Record<string, () => Record<string, unknown>>> = {
  Process: () => process("web", fullTemplate(), { labels: { app: "web" }, annotations: { "a.b/c": "d" } }) as never,
  Instance: () => {
    const { replicas, strategy, paused, ...template } = fullTemplate();
    const body = instance("web-0", { finalizers: ["wctl.dev/stop"] });
    return { ...body, spec: { ...template, ...(body.spec as object) } };
  },
  GitSource: () => ({
    ...object("GitSource", "fleet", {
      spec: {
        url: "https://git.example.com/ops/fleet.git",
        ref: { semver: "1.x" },
        path: `hosts/\${node.name}`,
        interval: "1m",
        timeout: "30s",
        suspend: false,
        prune: true,
        targetNamespace: "web",
        serviceAccountName: "robot",
        secretRef: { name: "auth" },
        limits: { files: 10, bytes: "1Mi" },
        maxDisruption: "30%",
        webhook: { type: "GitHub", secretRef: { name: "hook" } },
        dependsOn: [{ name: "base", namespace: "ops" }],
      },
    }),
    apiVersion: "wctl.dev/v1",
  }),
  Secret: () => object("Secret", "s", { type: "Opaque", data: { a: "eA==" }, stringData: { b: "text" } }),
  ConfigMap: () => object("ConfigMap", "c", { data: { a: "1" }, binaryData: { b: "eA==" }, immutable: false }),
  Namespace: () => object("Namespace", "lab"),
  ControllerRevision: () => ({
    ...object("ControllerRevision", "web-a", { data: { spec: fullTemplate() }, revision: 3 }),
    apiVersion: "apps/v1",
  }),
  ServiceAccount: () =>
    object("ServiceAccount", "robot", { automountServiceAccountToken: false, secrets: [{ name: "token" }] }),
  Lease: () => ({
    ...object("Lease", "here", {
      spec: {
        holderIdentity: "here",
        leaseDurationSeconds: 40,
        acquireTime: null,
        renewTime: "2026-01-01T00:00:00.000000Z",
        leaseTransitions: 1,
      },
    }),
    apiVersion: "coordination.k8s.io/v1",
  }),
  Role: () => rbac("Role", { rules }),
  ClusterRole: () =>
    rbac("ClusterRole", {
      rules,
      aggregationRule: {
        clusterRoleSelectors: [
          { matchLabels: { a: "b" }, matchExpressions: [{ key: "c", operator: "In", values: ["d"] }] },
        ],
      },
    }),
  RoleBinding: () => rbac("RoleBinding", binding),
  ClusterRoleBinding: () => rbac("ClusterRoleBinding", binding),
  Node: () => object("Node", "here", { spec: { unschedulable: true } }),
  Event: () =>
    object("Event", "e", {
      involvedObject: { kind: "Process", name: "web", namespace: "default" },
      reason: "Started",
      count: 1,
      lastTimestamp: null,
    }),
};

const rbac = (kind: string, fields: object): Record<string, unknown> => ({
  ...object(kind, "r", fields),
  apiVersion: "rbac.authorization.k8s.io/v1",
});

const rules = [{ verbs: ["get"], apiGroups: [""], resources: ["configmaps"], resourceNames: ["a"] }];

const binding = {
  subjects: [
    { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "jane" },
    { kind: "ServiceAccount", name: "robot", namespace: "default" },
  ],
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
};

function validOf(kind: string): Record<string, unknown> {
  const make = VALID[kind];
  if (!make) throw new Error(`say in VALID what a valid ${kind} looks like`);
  return make();
}

const fullTemplate = (): Record<string, unknown> => ({
  command: "/srv/app",
  args: ["--port", "8080"],
  workingDir: "/srv",
  env: [
    { name: "A", value: "1" },
    { name: "B", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
  ],
  envFrom: [{ configMapRef: { name: "c" } }],
  replicas: 2,
  paused: false,
  strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: 1 } },
  restartPolicy: "OnFailure",
  successExitCodes: [0, 2],
  backoff: { initialSeconds: 2 },
  startupProbe: { httpGet: { port: 80 } },
  readinessProbe: { tcpSocket: { port: 80 }, periodSeconds: 5 },
  livenessProbe: { exec: { command: ["check"] } },
  resources: { limits: { cpu: "500m", memory: "64Mi", processes: 4 }, affinity: "0-1", priorityClass: "Normal" },
  runAs: { account: "nobody" },
  stop: { signal: "SIGTERM", preStop: { exec: { command: ["drain"] } } },
  dependsOn: [{ name: "db", condition: "Started" }],
  logs: { maxSize: "1Mi", stderr: "Separate" },
});

/** A manifest made of a valid one by `mutations` changes, or (a third of them) of the schema's shape alone. */
export function hostileManifest(resource: Resource, seed: number, mutations: number): unknown {
  const rng = random(seed);
  const schema = (schemas as unknown as Record<string, Schema>)[resource.kind] as Schema;
  if (rng() < 0.33) {
    const body = valueFor(schema, rng, 0.02 * mutations);
    return rng() < 0.9
      ? { ...(body as object), apiVersion: validOf(resource.kind).apiVersion, kind: resource.kind }
      : body;
  }
  const holder = { body: validOf(resource.kind) as unknown };
  for (let count = 0; count < mutations; count++) mutate(holder, schema, rng);
  return holder.body;
}

type Container = Record<string | number, unknown>;

/** One change at a random place: replace, remove, add an unknown key, add a known field, repeat an item. */
function mutate(holder: { body: unknown }, schema: Schema, rng: Random): void {
  const places: { parent: Container; key: string | number; schema: Schema | undefined }[] = [];
  const visit = (parent: Container, key: string | number, at: Schema | undefined): void => {
    places.push({ parent, key, schema: at });
    const value = parent[key];
    if (typeof value !== "object" || value === null) return;
    for (const below of Object.keys(value)) {
      const next = Array.isArray(value) ? at?.items : (at?.properties?.[below] ?? at?.additionalProperties);
      visit(value as Container, Array.isArray(value) ? Number(below) : below, next);
    }
  };
  visit(holder as unknown as Container, "body", schema);
  const place = pick(places.length > 1 && rng() < 0.98 ? places.slice(1) : places, rng);
  const value = place.parent[place.key];
  const choice = rng();
  if (choice < 0.35) place.parent[place.key] = structuredClone(pick(HOSTILE, rng));
  else if (choice < 0.45) delete place.parent[place.key];
  else if (choice < 0.6 && place.schema) place.parent[place.key] = valueFor(place.schema, rng, 0.05);
  else if (Array.isArray(value))
    value.push(rng() < 0.5 ? structuredClone(value[0]) : structuredClone(pick(HOSTILE, rng)));
  else if (typeof value === "object" && value !== null) addKey(value as Container, place.schema, rng);
  else place.parent[place.key] = structuredClone(pick(HOSTILE, rng));
}

function addKey(value: Container, schema: Schema | undefined, rng: Random): void {
  const known = Object.entries(schema?.properties ?? {});
  if (known.length > 0 && rng() < 0.7) {
    const [name, property] = pick(known, rng);
    value[name] = valueFor(property, rng, 0.1);
    return;
  }
  // Assigning to __proto__ would set the prototype, which JSON.parse does not do.
  Object.defineProperty(value, pick(KEYS, rng), {
    value: structuredClone(pick(HOSTILE, rng)),
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

type Described = Schema & {
  enum?: readonly unknown[];
  minimum?: number;
  maximum?: number;
  pattern?: string;
  format?: string;
  default?: unknown;
};

/** A value of the shape that the schema describes, but `noise` of the time something else. */
function valueFor(schema: Described, rng: Random, noise: number, depth = 0): unknown {
  if (rng() < noise || depth > 8) return structuredClone(pick(HOSTILE, rng));
  if (schema.enum) return pick(schema.enum, rng);
  const type = typeof schema.type === "object" ? pick(schema.type, rng) : schema.type;
  switch (type) {
    case "object":
      return objectFor(schema, rng, noise, depth);
    case "array":
      return Array.from({ length: Math.floor(rng() * 4) }, () => valueFor(schema.items ?? {}, rng, noise, depth + 1));
    case "integer":
      return Math.floor(
        (schema.minimum ?? -3) + rng() * Math.min(100, (schema.maximum ?? 100) - (schema.minimum ?? 0) + 1),
      );
    case "number":
      return (schema.minimum ?? 0) + rng() * 5;
    case "boolean":
      return rng() < 0.5;
    case "null":
      return null;
    default:
      return textFor(schema, rng);
  }
}

function objectFor(schema: Described, rng: Random, noise: number, depth: number): unknown {
  const made: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (schema.required?.includes(name) || rng() < 0.3) made[name] = valueFor(property, rng, noise, depth + 1);
  }
  if (schema.additionalProperties) {
    for (const key of ["a", "b.c", "toString"]) {
      if (rng() < 0.4) made[key] = valueFor(schema.additionalProperties, rng, noise, depth + 1);
    }
  }
  return made;
}

const TEXTS = ["a", "web", "db-1", "/srv/app", "C:\\a b\\c.exe", "node", "A_B", "10Mi", "500m", "25%", "0", "é", "x y"];

function textFor({ format, pattern }: Described, rng: Random): string {
  if (format === "date-time") return "2026-01-01T00:00:00Z";
  if (format === "byte") return pick(["", "eA==", "e"], rng);
  if (pattern) return pick(["CtrlC", "SIGTERM", "0-3", "0,2", "3-0", "?"], rng);
  return pick(TEXTS, rng);
}
