import type { JsonPatchOperation, Patch } from "../../api/client.ts";
import { badRequest, StatusError } from "../../api/errors.ts";
import { parseJson } from "../../api/json/parse-json.ts";
import { MAX_BODY_BYTES } from "../../api/limits.ts";
import { ManifestError } from "../../api/manifest-error.ts";
import { isBuiltIn, type Resource } from "../../api/scheme.ts";
import { systemClock } from "../../lib/clock.ts";
import { isObject, type JsonObject } from "../../lib/json-object.ts";
import type { GroupVersionKind } from "../protobuf/messages.ts";
import type { HttpRequest } from "./carrier.ts";

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

/** We read this much more of a refused body, so that a client that still writes can read why; then we cut the connection. */
const MOST_DISCARDED = 16 * 1024 * 1024;

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
  const [type = "", ...parameters] = (headers["content-type"] ?? otherwise).split(";").map((part) => part.trim());
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

/** Larger YAML is parsed in a thread of its own, which starts only when a client sends some; most clients send JSON. */
let yaml: { readYaml(bytes: Uint8Array, file: string): Promise<{ value: unknown }[]> } | undefined;

/** The parser is loaded only when a client sends YAML. */
async function parseYaml(bytes: Uint8Array): Promise<unknown> {
  const { UnreadYaml, YamlThread } = await import("../../api/yaml/yaml-thread.ts");
  yaml ??= new YamlThread(systemClock);
  try {
    const [document, ...more] = await yaml.readYaml(bytes, "body");
    if (more.length > 0) throw badRequest("the body must be one YAML document");
    return document?.value;
  } catch (error) {
    if (error instanceof ManifestError) throw badRequest(error.message, error);
    throw error instanceof UnreadYaml ? badRequest(`the body could not be read: ${error.message}`, error) : error;
  }
}

const OPENING_BRACE = "{".charCodeAt(0);

/** JSON is YAML; most clients send it, and it is read much faster. */
async function parseJsonOrYaml(bytes: Uint8Array): Promise<unknown> {
  if (bytes[0] !== OPENING_BRACE) return parseYaml(bytes);
  try {
    return parseJson(bytes);
  } catch {
    return parseYaml(bytes);
  }
}

function refuseEncoding(request: HttpRequest): void {
  const encoding = request.headers["content-encoding"];
  if (encoding === undefined || encoding.toLowerCase() === "identity") return;
  throw new StatusError(
    "UnsupportedMediaType",
    "compressed request bodies are not accepted: send the body without Content-Encoding",
  );
}

/** Counted while it arrives: never more than the limit is kept. Rejects with RequestEntityTooLarge. */
function readBody(request: HttpRequest): Promise<Uint8Array> {
  const tooLarge = (): StatusError => {
    discard(request);
    return new StatusError("RequestEntityTooLarge", `Request entity too large: limit is ${MAX_BODY_BYTES}`);
  };
  return new Promise((resolve, reject) => {
    if (Number(request.headers["content-length"] ?? 0) > MAX_BODY_BYTES) return reject(tooLarge());
    const body = new Body();
    const onData = (chunk: Uint8Array): void => {
      if (body.take(chunk)) return;
      request.off("data", onData);
      reject(tooLarge());
    };
    request.on("data", onData);
    request.once("end", () => resolve(body.bytes()));
    request.once("error", (error) => reject(badRequest("the request body ended too early", error)));
  });
}

/** Copied together: a piece of one byte would keep all that came with it from the network, and a body may come in three million. */
class Body {
  #bytes = Buffer.alloc(0);
  #size = 0;

  /** False when the piece would exceed the limit. */
  take(chunk: Uint8Array): boolean {
    const size = this.#size + chunk.byteLength;
    if (size > MAX_BODY_BYTES) return false;
    if (size > this.#bytes.length) this.#grow(Math.min(MAX_BODY_BYTES, Math.max(size, 2 * this.#bytes.length)));
    this.#bytes.set(chunk, this.#size);
    this.#size = size;
    return true;
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  #grow(to: number): void {
    const grown = Buffer.allocUnsafeSlow(to);
    grown.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = grown;
  }
}

function discard(request: HttpRequest): void {
  let left = MOST_DISCARDED;
  request.on("data", (chunk: Uint8Array) => {
    left -= chunk.byteLength;
    if (left < 0) request.destroy();
  });
  request.on("error", () => {}); // It was refused already, so an error of the rest does not matter.
}
