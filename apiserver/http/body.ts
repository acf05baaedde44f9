import type { JsonPatchOperation, Patch } from "../../api/client.ts";
import { badRequest, StatusError } from "../../api/errors.ts";
import { parseJson } from "../../api/json/parse-json.ts";
import { isBuiltIn, type Resource } from "../../api/scheme.ts";
import { isObject, type JsonObject } from "../../lib/json-object.ts";
import type { GroupVersionKind } from "../protobuf/messages.ts";
import type { HttpRequest } from "./carrier.ts";
import { parseJsonOrYaml, parseYaml } from "./parse-yaml.ts";
import { readBody } from "./read-body.ts";

/** The media types of bodies, and how each is parsed. */
type Decoders<T> = ReadonlyMap<string, (bytes: Uint8Array) => T | Promise<T>>;
const objectDecoders: Decoders<unknown> = new Map<string, (bytes: Uint8Array) => unknown>([
  ["application/json", parseJson],
  ["application/yaml", parseYaml],
]);
type PatchDecoder = [type: string, decode: (bytes: Uint8Array) => Patch | Promise<Patch>];
const anyPatch: readonly PatchDecoder[] = [
  ["application/json-patch+json", (bytes) => ({ type: "json", body: parseJson(bytes) as JsonPatchOperation[] })],
  ["application/merge-patch+json", (bytes) => ({ type: "merge", body: parseJson(bytes) })],
];
const strategicPatch: PatchDecoder = [
  "application/strategic-merge-patch+json",
  (bytes) => ({ type: "strategic", body: parseJson(bytes) }),
];
const applyPatch: PatchDecoder = [
  "application/apply-patch+yaml",
  async (bytes) => ({ type: "apply", body: await parseJsonOrYaml(bytes) }),
];
/** In the order in which the real server names them. */
const patchDecoders: Decoders<Patch> = new Map([...anyPatch, applyPatch]);
const builtInPatchDecoders: Decoders<Patch> = new Map([...anyPatch, strategicPatch, applyPatch]);

/** The forms in which a patch of this resource may come. Kubernetes' own kinds take one more than custom ones. */
export const patchTypesOf = (resource: Pick<Resource, "group">): readonly string[] => [
  ...patchDecodersOf(resource).keys(),
];

const patchDecodersOf = (resource: Pick<Resource, "group">): Decoders<Patch> =>
  isBuiltIn(resource) ? builtInPatchDecoders : patchDecoders;

/** The Object in the body of a create or update, which should be of this kind. */
export async function readObject(request: HttpRequest, kind: GroupVersionKind): Promise<JsonObject> {
  const decode = decoderOf(request, await decodersFor(request, kind), "application/json");
  const value = await decode(await readBody(request));
  if (!isObject(value)) throw badRequest("the body must be an object");
  return value;
}

/** `DeleteOptions`; undefined when the body is empty. */
export async function readOptions(request: HttpRequest): Promise<unknown> {
  refuseEncoding(request);
  const bytes = await readBody(request);
  if (bytes.byteLength === 0) return undefined;
  return await decoderOf(request, await decodersFor(request, "DeleteOptions"), "application/json")(bytes);
}

/** The Registry validates what the patch says. */
export async function readPatch(request: HttpRequest, resource: Resource): Promise<Patch> {
  const decode = decoderOf(request, patchDecodersOf(resource), "");
  return await decode(await readBody(request));
}

/** Server-side apply has options of its own. */
export const isApply = (request: HttpRequest): boolean =>
  mediaTypeOf(request, "").type === "application/apply-patch+yaml";

/** The decoders of protobuf are loaded when somebody sends something else than JSON and YAML. */
async function decodersFor(request: HttpRequest, kind: GroupVersionKind | "DeleteOptions"): Promise<Decoders<unknown>> {
  const { type } = mediaTypeOf(request, "application/json");
  if (objectDecoders.has(type)) return objectDecoders;
  const { decodeDeleteOptions, objectDecoder, protobufType } = await import("../protobuf/decode-body.ts");
  const decode = kind === "DeleteOptions" ? decodeDeleteOptions : objectDecoder(kind);
  return decode ? new Map([...objectDecoders, [protobufType, decode]]) : objectDecoders;
}

function mediaTypeOf({ headers }: HttpRequest, otherwise: string): { type: string; parameters: string[] } {
  const [type = "", ...parameters] = (headers["content-type"] || otherwise).split(";").map((part) => part.trim());
  return { type: type.toLowerCase(), parameters };
}

/** Throws UnsupportedMediaType before anything is read. */
function decoderOf<T>(request: HttpRequest, decoders: Decoders<T>, otherwise: string) {
  refuseEncoding(request);
  const { type, parameters } = mediaTypeOf(request, otherwise);
  const foreign = parameters.some((part) => /^charset=/i.test(part) && !/^charset="?utf-?8"?$/i.test(part));
  const decode = foreign ? undefined : decoders.get(type);
  if (decode) return decode;
  throw new StatusError(
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${[...decoders.keys()].join(", ")}`,
  );
}

function refuseEncoding(request: HttpRequest): void {
  const encoding = request.headers["content-encoding"];
  if (encoding === undefined || encoding.toLowerCase() === "identity") return;
  throw new StatusError(
    "UnsupportedMediaType",
    "compressed request bodies are not accepted: send the body without Content-Encoding",
  );
}
