import { parseAllDocuments } from "yaml";
import { isObject, type JsonObject } from "../../lib/json-object.ts";
import type { Answer } from "./ask.ts";
import { misfits } from "./fits.ts";
import type { Components, Operation } from "./published.ts";
import type { Drawn } from "./requests.ts";

/** What is wrong with an answer; empty: nothing. `status` is the schema of a Status. */
export function judged(drawn: Drawn, { code, headers, bytes }: Answer, status: StatusSchema): string[] {
  const { ask, operation, path } = drawn;
  const bad: string[] = [];
  if (!/^[0-9a-f-]{36}$/.test(String(headers["audit-id"]))) bad.push("no Audit-Id");
  if (headers["x-fuzz"] !== undefined) bad.push("a header of the client's is in the answer");
  if (code >= 500) return [...bad, `${code}: ${bytes.toString("utf8").slice(0, 500)}`];
  if (code === 101) return path.endsWith("/exec") ? bad : [...bad, "left HTTP"];
  if (code === 301) return path.startsWith("/openapi/v3/") ? bad : [...bad, "sent elsewhere"];
  if (code === 304) return ask.headers["if-none-match"] ? bad : [...bad, "not modified, without a condition"];
  if (ask.method === "HEAD") return bytes.length > 0 ? [...bad, "a body for HEAD"] : bad;
  if (Number(headers["content-length"] ?? bytes.length) !== bytes.length && !headers["content-encoding"])
    bad.push(`${bytes.length} bytes, not ${headers["content-length"]}`);
  if (code >= 400) return [...bad, ...refusalFaults(code, { headers, bytes }, status)];
  if (code < 200 || code >= 300) return [...bad, `code ${code}`];
  return operation ? [...bad, ...successFaults(drawn, operation, { code, headers, bytes })] : bad;
}

export interface StatusSchema {
  schema: JsonObject;
  components: Components;
}

function refusalFaults(code: number, answer: Pick<Answer, "headers" | "bytes">, status: StatusSchema): string[] {
  if (answer.headers["content-type"] !== "application/json") return [`${code} as ${answer.headers["content-type"]}`];
  const said = parsed(answer.bytes);
  if (!isObject(said)) return [`${code} without a Status: ${answer.bytes.toString("utf8").slice(0, 200)}`];
  const { kind, apiVersion, status: outcome, message, reason, code: own } = said;
  const isRight = kind === "Status" && apiVersion === "v1" && outcome === "Failure" && own === code;
  const isTold = typeof message === "string" && message !== "" && typeof reason === "string" && reason !== "";
  return [
    ...(isRight && isTold ? [] : [`${code} with ${JSON.stringify(said).slice(0, 300)}`]),
    ...(/undefined|\[object Object\]|Cannot read|is not a function/.test(
      String(message).replaceAll(/".*?"|\(.*?\)/gs, ""),
    )
      ? [`the message shows what is inside: ${message}`]
      : []),
    ...misfits(said, status.schema, status.components),
  ];
}

const parsed = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
};

function successFaults(drawn: Drawn, operation: Operation, answer: Answer): string[] {
  const { code, headers, bytes } = answer;
  if (!operation.answers.has(code)) return [`${code} is not among the published answers`];
  const schema = operation.answers.get(code);
  const type = String(headers["content-type"]);
  if (!schema) return type.startsWith("text/plain") || type.startsWith("application/") ? [] : [`a text as ${type}`];
  if (type !== "application/json" && type !== "application/yaml") return [`as ${type}`];
  const said = type === "application/json" ? parsed(bytes) : yamlIn(bytes);
  if (!isObject(said)) return ["the answer is no object"];
  if (/as=/.test(String(drawn.ask.headers.accept)) && said.kind !== kindNamed(schema))
    return formFaults(said, operation);
  if (said.kind === kindNamed(schema)) return misfits(said, schema, operation.components);
  return insteadFaults(said, operation);
}

function yamlIn(bytes: Buffer): unknown {
  const [document, ...more] = parseAllDocuments(bytes.toString("utf8"), { maxAliasCount: 0, schema: "core" } as object);
  return more.length > 0 ? undefined : (document as { toJS(): unknown }).toJS();
}

/** The last word of a component's name. */
const kindNamed = (schema: JsonObject): string | undefined => String(schema.$ref).split(".").at(-1);

/** What a deletion answers is a Status in the documents, here as in the real server's; both answer the object while it is held, and the list of what a collection lost. */
function insteadFaults(said: JsonObject, operation: Operation): string[] {
  const { kind } = operation.kind;
  if (operation.action === "delete" && said.kind === kind) return [];
  if (operation.action === "deletecollection" && said.kind === `${kind}List`) return [];
  return [`a ${said.kind} for ${operation.action} of ${kind}`];
}

/** Tables and the like are in no document. */
function formFaults(said: JsonObject, operation: Operation): string[] {
  if (!/^meta\.k8s\.io\/v1(beta1)?$/.test(String(said.apiVersion))) return insteadFaults(said, operation);
  if (said.kind === "Table") return tableFaults(said);
  const isPartial = said.kind === "PartialObjectMetadata" || said.kind === "PartialObjectMetadataList";
  return isPartial ? partialFaults(said, operation.components) : [`the form ${said.kind}`];
}

function tableFaults({ columnDefinitions, rows }: JsonObject): string[] {
  const columns = columnDefinitions as JsonObject[];
  const [first] = columns;
  if (!Array.isArray(rows) || typeof first?.name !== "string") return ["a Table without columns or rows"];
  const short = (rows as JsonObject[]).filter(({ cells }) => (cells as unknown[]).length !== columns.length);
  return short.length > 0 ? [`a row with ${JSON.stringify(short[0]?.cells)} under ${columns.length} columns`] : [];
}

function partialFaults({ items, metadata }: JsonObject, components: Components): string[] {
  const schema = components.named("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
  if (!schema) return [];
  const all = Array.isArray(items) ? items.map((item) => item.metadata) : [metadata];
  return all.flatMap((one) => misfits(one, schema, components, "metadata"));
}

/** A line of a watch. */
export function eventFaults(line: string, operation: Operation | undefined): string[] {
  const said = parsed(Buffer.from(line));
  if (!isObject(said) || !isObject(said.object)) return [`an event that is none: ${line.slice(0, 200)}`];
  const { type, object } = said;
  if (type === "ERROR")
    return object.kind === "Status" && Number(object.code) < 500 ? [] : [`an event ${line.slice(0, 300)}`];
  if (!["ADDED", "MODIFIED", "DELETED", "BOOKMARK"].includes(String(type))) return [`an event of the type ${type}`];
  if (!operation || type === "BOOKMARK" || object.kind !== operation.kind.kind) return [];
  const schema = itemSchema(operation);
  return schema ? misfits(object, schema, operation.components, "object") : [];
}

function itemSchema({ answers, components }: Operation): JsonObject | undefined {
  const list = answers.get(200);
  const items = list && (components.resolve(list).properties as JsonObject | undefined)?.items;
  return isObject(items) ? (components.resolve(items).items as JsonObject) : undefined;
}
