/**
 * node scripts/run.mjs scripts/oracle-rbac.ts URL TOKEN: writes down anew what a real kube-apiserver says to the questions and grants in test/oracle/rbac.json.
 * URL is of one on the loopback, TOKEN of its administrator (docs/decisions/0058). It makes the roles of each world in it, and deletes them again.
 */
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { setTimeout } from "node:timers/promises";
import { isObject, type JsonObject } from "../lib/json-object.ts";

interface Grant {
  user: string;
  groups: string[];
  object?: Thing;
  of?: { kind: string; name: string; namespace?: string };
  patch?: JsonObject;
}
interface Thing {
  kind: string;
  metadata: { name: string; namespace?: string };
}
interface World {
  objects: Thing[];
  reviews: { spec: JsonObject }[];
  rules: { user: string; groups: string[]; namespace: string }[];
  grants: Grant[];
}
interface Answer {
  code: number;
  json: JsonObject & { status: JsonObject; message?: string };
}

const [url, token] = process.argv.slice(2);
if (url === undefined || token === undefined)
  throw new Error("usage: node scripts/run.mjs scripts/oracle-rbac.ts URL TOKEN");
const file = new URL("../test/oracle/rbac.json", import.meta.url);
const recorded = JSON.parse(readFileSync(file, "utf8")) as { version: string; worlds: World[] };
const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const AUTHORIZATION = "/apis/authorization.k8s.io/v1";

const worlds = [];
for (const namespace of ["na", "nb"]) await ask("POST", "/api/v1/namespaces", { metadata: { name: namespace } });
for (const world of recorded.worlds) worlds.push(await answered(world));
const lines = worlds.map((world) => {
  const lists = Object.entries(world).map(
    ([name, list]) => `"${name}": [\n${list.map((one: object) => JSON.stringify(one)).join(",\n")}\n]`,
  );
  return `{ ${lists.join(", ")} }`;
});
const version = JSON.stringify(recorded.version);
writeFileSync(file, `{\n"version": ${version},\n"worlds": [\n${lines.join(",\n")}\n]\n}\n`);

async function answered({ objects, reviews, rules, grants }: World): Promise<World> {
  for (const object of objects) {
    const { code, json } = await ask("POST", collection(object.kind, object.metadata.namespace), object);
    if (code !== 201) throw new Error(`${object.kind} ${object.metadata.name}: ${json.message}`);
  }
  await setTimeout(1_000); // It decides by what it has heard of.
  const world = {
    objects,
    reviews: await each(reviews, reviewed),
    rules: await each(rules, listed),
    grants: await each(grants, granted),
  };
  for (const { kind, metadata } of objects)
    await ask("DELETE", `${collection(kind, metadata.namespace)}/${metadata.name}`);
  return world;
}

async function each<T extends object>(list: T[], of: (one: T) => Promise<object>): Promise<T[]> {
  const all: T[] = [];
  for (const one of list) all.push({ ...one, ...(await of(one)) });
  return all;
}

async function reviewed({ spec }: World["reviews"][number]): Promise<object> {
  const { json } = await ask("POST", `${AUTHORIZATION}/subjectaccessreviews`, { spec });
  const { allowed, reason } = json.status;
  return { allowed, missing: allowed ? [] : missingIn(reason) };
}

async function listed({ user, groups, namespace }: World["rules"][number]): Promise<object> {
  const path = `${AUTHORIZATION}/selfsubjectrulesreviews`;
  const { json } = await ask("POST", path, { spec: { namespace } }, as(user, groups));
  const { resourceRules, nonResourceRules, evaluationError } = json.status as Record<string, JsonObject[]>;
  const own = [...(resourceRules ?? []), ...(nonResourceRules ?? [])].filter((rule) => !isDefault(rule));
  return { allows: own.map(sorted).sort(), missing: missingIn(evaluationError) };
}

async function granted({ user, groups, object, of, patch }: Grant): Promise<object> {
  const heads = as(user, groups);
  const { code, json } = object
    ? await ask("POST", `${collection(object.kind, object.metadata.namespace)}?dryRun=All`, object, heads)
    : await ask("PATCH", `${collection(of!.kind, of!.namespace)}/${of!.name}?dryRun=All`, patch, {
        ...heads,
        "content-type": "application/merge-patch+json",
      });
  if (code < 300) return { refused: undefined, missing: [] };
  const [refused, more] = json.message!.split("; resolution errors: ");
  return { refused, missing: missingIn(more) };
}

/** Of the roles that everybody has there. */
function isDefault(rule: JsonObject): boolean {
  return /selfsubject|"\/healthz"|"\/livez"/.test(JSON.stringify(rule));
}

function sorted(rule: JsonObject): string {
  return JSON.stringify(Object.fromEntries(Object.entries(rule).sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** It says them in no order. */
function missingIn(text: unknown): string[] {
  return [...String(text ?? "").matchAll(/[a-z]+\.rbac\.authorization\.k8s\.io "[^"]*" not found/g)]
    .map(([one]) => one)
    .sort();
}

function collection(kind: string, namespace: string | undefined): string {
  return `${RBAC}${namespace === undefined ? "" : `/namespaces/${namespace}`}/${kind.toLowerCase()}s`;
}

function as(user: string, groups: string[]): Record<string, string | string[]> {
  return { "impersonate-user": user, "impersonate-group": groups };
}

async function ask(method: string, path: string, body?: object, headers: object = {}): Promise<Answer> {
  const sent = { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers };
  const asked = request(url + path, { method, headers: sent, rejectUnauthorized: false });
  asked.end(body && JSON.stringify(body));
  const [response] = await once(asked, "response");
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const json: unknown = JSON.parse(Buffer.concat(chunks).toString());
  if (!isObject(json)) throw new Error(`${method} ${path}: no object`);
  return { code: response.statusCode, json: json as Answer["json"] };
}
