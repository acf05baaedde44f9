import { badRequest } from "../../api/errors.ts";
import { apiVersionOf } from "../../api/scheme.ts";
import type { JsonObject } from "../../lib/json-object.ts";
import { decodeMessage } from "./decode-message.ts";
import { type Message, message, one } from "./message.ts";
import { type GroupVersionKind, messageOf } from "./messages.ts";
import { deleteOptions } from "./meta-messages.ts";

export const protobufType = "application/vnd.kubernetes.protobuf";

/** Every body begins with these: `k8s`, and the number of the encoding. */
const PREFIX = Uint8Array.of(0x6b, 0x38, 0x73, 0x00);
const KIND = /^[A-Z][A-Za-z0-9]{0,62}$/;
const API_VERSION = /^(?:[a-z0-9.-]{1,253}\/)?v[0-9][a-z0-9]{0,20}$/;

/** `k8s.io/apimachinery/pkg/runtime.Unknown`: which Object it is, and its bytes. */
const envelope = message({
  1: one("typeMeta", message({ 1: one("apiVersion"), 2: one("kind") })),
  2: one("raw", "bytes"),
  3: one("contentEncoding"),
  4: one("contentType"),
});

interface Envelope {
  typeMeta?: { apiVersion?: string; kind?: string };
  raw?: Uint8Array;
  contentEncoding?: string;
  contentType?: string;
}

/** The decoder of bodies of this kind; undefined for what cannot be written as protobuf. */
export function objectDecoder(expected: GroupVersionKind): ((bytes: Uint8Array) => JsonObject) | undefined {
  const described = messageOf(expected);
  return described && ((bytes) => decodeBody(bytes, expected.kind, apiVersionOf(expected), described));
}

/** DeleteOptions are of the group and version of whatever is deleted. */
export const decodeDeleteOptions = (bytes: Uint8Array): JsonObject =>
  decodeBody(bytes, "DeleteOptions", undefined, deleteOptions);

function decodeBody(bytes: Uint8Array, kind: string, apiVersion: string | undefined, described: Message): JsonObject {
  const unrecognized = (why: string) =>
    badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why}`);
  if (bytes.length === 0) throw unrecognized("empty data");
  if (!PREFIX.every((byte, at) => bytes[at] === byte)) {
    throw unrecognized("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
  }
  if (bytes.length === PREFIX.length) throw unrecognized("empty body");
  const opened: Envelope = decodeMessage(bytes.subarray(PREFIX.length), envelope);
  const { typeMeta = {}, raw = new Uint8Array(), contentEncoding, contentType } = opened;
  if (contentEncoding || (contentType && contentType !== protobufType))
    throw unrecognized("its content is not protobuf");
  const said = { apiVersion: typeMeta.apiVersion ?? apiVersion, kind: typeMeta.kind ?? kind };
  // Where a length lies, a value of a Secret may stand here, and refusals are seen by more eyes than bodies.
  if (!KIND.test(said.kind) || !(said.apiVersion === undefined || API_VERSION.test(said.apiVersion)))
    throw unrecognized("its apiVersion and kind are no names");
  if (said.kind !== kind) {
    const version = said.apiVersion?.split("/").at(-1) ?? "";
    throw badRequest(`${said.kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}`);
  }
  return { ...said, ...decodeMessage(raw, described) };
}
