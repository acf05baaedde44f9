import type { KubeObject, Stored } from "../../api/object.ts";
import { wellKnown } from "../../api/scheme.ts";
import type { ConfigMap, Instance, Namespace, Secret } from "../../api/types.generated.ts";
import { sameJson } from "../../lib/same-json.ts";
import { holdInstance, keepHold } from "./instance-hold.ts";
import type { WriteContext } from "./registry.ts";

/** What a kind changes in an admitted Object before its rules are asked. Works in place, on admission's own copy. */
interface Strategy<T extends KubeObject = KubeObject> {
  forCreate?(next: T): void;
  /** What it answers is told to whoever asked, as a warning. */
  forUpdate?(next: T, current: T, context: Pick<WriteContext, "user">): string | undefined;
  /** Before an Object is marked as deleting; of one that is deleting already nothing is asked. */
  forDelete?(next: T): void;
}

const strategy = <T extends KubeObject>(own: Strategy<T>): Strategy => own as unknown as Strategy;

const byKind: ReadonlyMap<string, Strategy> = new Map([
  ["Secret", strategy<Secret>({ forCreate: encodeSecret, forUpdate: encodeSecret })],
  ["ConfigMap", strategy<ConfigMap>({ forCreate: encodeBinaryData, forUpdate: encodeBinaryData })],
  ["Namespace", strategy<Namespace>({ forCreate: bearNamespace, forUpdate: keepFinalizers })],
  ["Instance", strategy<Instance>({ forCreate: holdInstance, forUpdate: keepHold, forDelete: holdInstance })],
]);

export const prepareForCreate = (next: KubeObject): void => byKind.get(next.kind)?.forCreate?.(next);
export const prepareForUpdate = (
  next: KubeObject,
  current: KubeObject,
  context: Pick<WriteContext, "user">,
): string | undefined => byKind.get(next.kind)?.forUpdate?.(next, current, context);
export const prepareForDelete = (next: KubeObject): void => byKind.get(next.kind)?.forDelete?.(next);

/** `stringData` is write-only: it becomes part of `data`, over what is there. */
function encodeSecret(secret: Secret): undefined {
  if (secret.data) secret.data = inOneForm(secret.data);
  if (!secret.stringData) return;
  const data = { ...secret.data };
  for (const [key, text] of Object.entries(secret.stringData)) data[key] = Buffer.from(text).toString("base64");
  secret.data = data;
  delete secret.stringData;
}

function encodeBinaryData(configMap: ConfigMap): undefined {
  if (configMap.binaryData) configMap.binaryData = inOneForm(configMap.binaryData);
}

/** The same bytes are always the same text, whatever line ends and spare bits the base64 came with. */
const inOneForm = (data: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(data).map(([key, text]) => [key, Buffer.from(text, "base64").toString("base64")] as const),
  );

/** Every Namespace is born Active, and held by the finalizer that the namespace controller removes when it is empty. */
function bearNamespace(namespace: Namespace): void {
  namespace.spec = { finalizers: [wellKnown.namespaceFinalizer] };
  namespace.status = { phase: "Active" };
}

/**
 * Kubernetes changes `spec.finalizers` of a Namespace through a subresource `/finalize`. Here the main resource does: what is deleting may
 * lose finalizers by a write that says which are left (`spec: {finalizers: []}`); every other write leaves them as they are.
 */
function keepFinalizers(next: Namespace, current: Namespace): undefined {
  const kept = current.spec?.finalizers ?? [];
  const asked = next.spec?.finalizers;
  const left = current.metadata.deletionTimestamp && asked ? kept.filter((name) => asked.includes(name)) : kept;
  next.spec = { finalizers: left };
}

/** Did anything change but metadata and status? */
export function specChanged(current: Stored, next: KubeObject): boolean {
  const { metadata: _a, status: _b, ...before } = current as Stored & { status?: unknown };
  const { metadata: _c, status: _d, ...after } = next as KubeObject & { status?: unknown };
  return !sameJson(before, after);
}

/** Finalizers that hold the Object, wherever its kind keeps them. */
export const pendingFinalizers = (object: KubeObject): string[] => [
  ...(object.metadata.finalizers ?? []),
  ...(object.kind === "Namespace" ? ((object as Namespace).spec?.finalizers ?? []) : []),
];
