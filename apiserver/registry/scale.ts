import { badRequest, invalid, type StatusError } from "../../api/errors.ts";
import type { KubeObject, Stored } from "../../api/object.ts";
import { apiVersionOf, type Resource } from "../../api/scheme.ts";
import { isObject, type JsonObject } from "../../lib/json-object.ts";
import type { Schema } from "../admission/schema.ts";
import type { ScalePaths } from "../kinds/kind.ts";
import { type FieldError, invalidValue, typeInvalid } from "../validation/field-error.ts";

/** The subresource `scale`, as the Kubernetes API server shows it for custom kinds. */
export interface Scale extends KubeObject {
  apiVersion: "autoscaling/v1";
  kind: "Scale";
  spec: { replicas: number };
  status: { replicas: number; selector: string };
}

export function scaleOf(paths: ScalePaths, object: Stored): Stored<Scale> {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp },
    spec: { replicas: Number(read(object, paths.specReplicas) ?? 0) },
    status: {
      replicas: Number(read(object, paths.statusReplicas) ?? 0),
      selector: String(read(object, paths.labelSelector) ?? ""),
    },
  };
}

/** `current` with the replicas of a Scale body, and the resourceVersion that the body insists on, if any. */
export function withScale(paths: ScalePaths, current: Stored, body: unknown): JsonObject {
  if (!isObject(body)) throw badRequest("the body must be an object");
  if (body.kind !== undefined && body.kind !== "Scale") throw badRequest("the body must be a Scale (autoscaling/v1)");
  const replicas = (isObject(body.spec) ? body.spec.replicas : undefined) ?? 0;
  const cause = replicasCause(replicas);
  if (cause) throw invalidScale(current.metadata.name, cause);
  const metadata = isObject(body.metadata) ? body.metadata : {};
  const resourceVersion = metadata.resourceVersion || current.metadata.resourceVersion;
  const next = write(current as unknown as JsonObject, steps(paths.specReplicas), replicas);
  return { ...next, metadata: { ...current.metadata, resourceVersion } };
}

/** What may be said when a Scale is applied. */
export const scaleSchema: Schema = {
  properties: {
    apiVersion: {},
    kind: {},
    metadata: {},
    spec: { properties: { replicas: {} } },
    status: { properties: { replicas: {}, selector: {} } },
  },
};

/** What an applied Scale says of the Object that it scales: its replicas, and which Object it is. Labels, owners and the like are not a Scale's to say. */
export function scaledBy(
  paths: ScalePaths,
  resource: Resource,
  scale: JsonObject & { metadata: JsonObject },
): JsonObject & { metadata: JsonObject } {
  const { name, namespace, uid, resourceVersion } = scale.metadata;
  const metadata = Object.fromEntries(
    Object.entries({ name, namespace, uid, resourceVersion }).filter(([, value]) => value !== undefined),
  );
  const config = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata };
  const replicas = isObject(scale.spec) ? scale.spec.replicas : undefined;
  if (replicas === undefined) return config;
  const cause = replicasCause(replicas);
  if (cause) throw invalidScale(name, cause);
  return { ...write(config, steps(paths.specReplicas), replicas), metadata };
}

const invalidScale = (name: unknown, cause: FieldError): StatusError =>
  invalid({ group: "autoscaling", plural: "scales", kind: "Scale" }, typeof name === "string" ? name : "", [cause]);

function replicasCause(replicas: unknown): FieldError | undefined {
  if (typeof replicas !== "number" || !Number.isInteger(replicas)) {
    return typeInvalid("spec.replicas", typeof replicas, "must be an integer");
  }
  return replicas < 0 ? invalidValue("spec.replicas", replicas, "must be greater than or equal to 0") : undefined;
}

const steps = (path: string): string[] => path.split(".").filter((step) => step !== "");

const read = (object: unknown, path: string): unknown =>
  steps(path).reduce<unknown>((value, step) => (isObject(value) ? value[step] : undefined), object);

function write(object: JsonObject, [step = "", ...rest]: readonly string[], value: unknown): JsonObject {
  if (rest.length === 0) return { ...object, [step]: value };
  const below = object[step];
  return { ...object, [step]: write(isObject(below) ? below : {}, rest, value) };
}
