/**
 * node scripts/run.mjs scripts/oracle.ts PROGRAM: writes down anew what the field manager of Kubernetes makes of the writes in test/oracle/field-manager.json.
 * PROGRAM is made from scripts/oracle/field-manager.go (docs/decisions/0058).
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { structural } from "../api/structural-schema.ts";
import { isObject, type JsonObject } from "../lib/json-object.ts";

interface Write extends JsonObject {
  op: "apply" | "update";
  manager: string;
  force?: boolean;
  subresource?: string;
}
interface Recorded {
  version: string;
  schema: JsonObject & { properties: JsonObject };
  cases: { title: string; writes: Write[] }[];
}
type Thing = JsonObject & { metadata: JsonObject };

const [program] = process.argv.slice(2);
if (program === undefined) throw new Error("usage: node scripts/run.mjs scripts/oracle.ts PROGRAM");
const file = new URL("../test/oracle/field-manager.json", import.meta.url);
const recorded = JSON.parse(readFileSync(file, "utf8")) as Recorded;
const head = { apiVersion: "example.dev/v1", kind: "Thing" };

const text = { type: "string" };
const texts = { type: "object", additionalProperties: text };
const metadata = {
  type: "object",
  properties: {
    name: text,
    labels: texts,
    finalizers: { type: "array", "x-kubernetes-list-type": "set", items: text },
    managedFields: { type: "array", items: { "x-kubernetes-preserve-unknown-fields": true, type: "object" } },
  },
};
const schema = {
  ...structural({
    ...recorded.schema,
    properties: { ...recorded.schema.properties, apiVersion: text, kind: text, metadata },
  }),
  "x-kubernetes-group-version-kind": [{ group: "example.dev", version: "v1", kind: "Thing" }],
};

const oracle = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
const lines = createInterface({ input: oracle.stdout })[Symbol.asyncIterator]();
const tell = (what: object): boolean => oracle.stdin.write(`${JSON.stringify(what)}\n`);
tell({ schemas: { Thing: schema } });
const cases = [];
for (const { title, writes } of recorded.cases) cases.push({ title, writes: await answersTo(writes) });
oracle.stdin.end();
await once(oracle, "exit");
writeFileSync(file, printed({ ...recorded, cases }));

async function answersTo(writes: Write[]): Promise<JsonObject[]> {
  let live: Thing = { ...head, metadata: { name: "o" } };
  const answered: JsonObject[] = [];
  for (const { leaves: _, owners: _o, refused: _r, fields: _f, ...write } of writes) {
    tell({ ...write, live, object: bodyOf(write as Write, live) });
    const { object, refused, causes } = JSON.parse((await lines.next()).value as string);
    if (refused === undefined) {
      live = after(write as Write, live, object as Thing);
      answered.push({ ...write, leaves: leavesOf(live), owners: ownersOf(live) });
    } else {
      const fields = causes?.map(({ field }: { field: string }) => field).sort();
      answered.push({ ...write, refused, ...(fields ? { fields } : {}) });
    }
  }
  return answered;
}

function bodyOf({ op, subresource, spec, status, labels, finalizers }: Write, live: Thing): JsonObject {
  const { managedFields } = live.metadata;
  const kept = op === "apply" ? {} : { managedFields };
  const beside = op === "apply" ? {} : subresource ? { spec: live.spec } : { status: live.status };
  return { ...head, metadata: { name: "o", labels, finalizers, ...kept }, spec, status, ...beside };
}

/** What the server keeps: of a write of status nothing else, of another one everything but status; no nulls. */
function after({ subresource }: Write, live: Thing, { metadata, spec, status }: Thing): Thing {
  const { managedFields } = metadata;
  const next = subresource ? { ...live, status } : { ...head, metadata, spec, status: live.status };
  const { managedFields: _, ...kept } = next.metadata as JsonObject;
  const { metadata: meta, ...fields } = plain({ ...next, metadata: kept }) as Thing;
  return { ...fields, metadata: { ...meta, ...(managedFields ? { managedFields } : {}) } };
}

function leavesOf({ spec, status, metadata: { finalizers } }: Thing): JsonObject {
  return plain({ spec, status, finalizers });
}

function ownersOf({ metadata: { managedFields = [] } }: Thing): JsonObject {
  const entries = (managedFields as Record<string, unknown>[]).map(({ operation, manager, subresource, fieldsV1 }) => [
    [operation, manager, subresource].filter(Boolean).join(" "),
    fieldsV1,
  ]);
  return Object.fromEntries(entries);
}

function plain<T>(value: T): T {
  if (Array.isArray(value)) return value.map(plain) as T;
  if (!isObject(value)) return value;
  const there = Object.entries(value).filter(([, item]) => item !== null && item !== undefined);
  return Object.fromEntries(there.map(([name, item]) => [name, plain(item)])) as T;
}

/** A write a line. */
function printed({
  version,
  schema,
  cases,
}: Omit<Recorded, "cases"> & { cases: { title: string; writes: object[] }[] }): string {
  const shown = cases.map(({ title, writes }) => {
    const list = writes.map((write) => JSON.stringify(write)).join(",\n");
    return `{ "title": ${JSON.stringify(title)}, "writes": [\n${list}\n] }`;
  });
  return `{\n"version": ${JSON.stringify(version)},\n"schema": ${JSON.stringify(schema)},\n"cases": [\n${shown.join(",\n")}\n]\n}\n`;
}
