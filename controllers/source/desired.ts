import type { Manifest } from "../../api/manifests/manifest.ts";
import { unknownKind } from "../../api/manifests/unknown-kind.ts";
import { type Key, type KubeObject, makeKey } from "../../api/object.ts";
import { apiVersionOf, type Resource, resourceOfKind, wellKnown } from "../../api/scheme.ts";
import type { FileReading } from "../directory-source/folder.ts";

/** An Object as the folder declares it. */
export interface Declared {
  resource: Resource;
  key: Key;
  /** With the label and the annotation that say where it comes from. */
  object: KubeObject;
  manifest: Manifest;
  /** Signature of its file. */
  signature: string;
}

export interface Desired {
  /** By `resource/namespace/name`. */
  objects: ReadonlyMap<string, Declared>;
  /** Declared more than once: neither applied nor pruned. */
  contested: ReadonlySet<string>;
  /** Files whose Objects are unknown. */
  broken: ReadonlySet<string>;
  /** For people, each with its place. */
  problems: readonly string[];
}

export const DIRECTORY = "directory";
const DEFAULT_NAMESPACE = "default";

export const idOf = (resource: Resource, key: Key): string => `${resource.plural}.${resource.group}/${key}`;

/** What the files say together. `resources`: kinds that a folder may declare. */
export function desiredFrom(files: readonly FileReading[], resources: readonly Resource[]): Desired {
  const objects = new Map<string, Declared>();
  const contested = new Map<string, string[]>();
  const problems: string[] = [];
  for (const file of files) {
    if (file.problem) problems.push(file.problem);
    for (const manifest of file.manifests) {
      const declared = declare(manifest, file.signature, resources);
      if (typeof declared === "string") {
        problems.push(declared);
        continue;
      }
      const id = idOf(declared.resource, declared.key);
      const other = objects.get(id);
      if (other) contested.set(id, [...(contested.get(id) ?? [placeOf(other.manifest)]), placeOf(manifest)]);
      else objects.set(id, declared);
    }
  }
  for (const [id, places] of contested) {
    problems.push(describeContest(objects.get(id)!, places));
    objects.delete(id);
  }
  const broken = new Set(files.filter(({ problem }) => problem).map(({ path }) => path));
  return { objects, contested: new Set(contested.keys()), broken, problems };
}

const describeContest = ({ resource, key }: Declared, places: readonly string[]): string =>
  `${places.at(-1)}: ${resource.kind} ${key} is declared more than once (${places.join(" and ")}): keep one; until then it stays as it is`;

export const placeOf = ({ file, line }: Manifest): string => `${file}:${line}`;

/** The problem instead, when the folder cannot declare it. */
function declare(manifest: Manifest, signature: string, resources: readonly Resource[]): Declared | string {
  const { object } = manifest;
  const resource = resources.find((one) => one.kind === object.kind && apiVersionOf(one) === object.apiVersion);
  if (!resource) return refusedKind(manifest, resources);
  const { namespace: _, ...metadata } = object.metadata;
  const namespace = resource.namespaced ? (object.metadata.namespace ?? DEFAULT_NAMESPACE) : undefined;
  const marked: KubeObject = {
    ...object,
    metadata: {
      ...metadata,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...object.metadata.labels, [wellKnown.sourceLabel]: DIRECTORY },
      annotations: { ...object.metadata.annotations, [wellKnown.sourceFileAnnotation]: manifest.file },
    },
  };
  return { resource, key: makeKey(namespace, object.metadata.name), object: marked, manifest, signature };
}

/** Kinds that only the daemon makes are known, and cannot be declared all the same. */
function refusedKind(manifest: Manifest, resources: readonly Resource[]): string {
  const { kind, apiVersion } = manifest.object;
  if (!resourceOfKind(apiVersion, kind)) return unknownKind(manifest, resources).message;
  return `${placeOf(manifest)}: no kind "${kind}" in version "${apiVersion}" can be declared in a folder`;
}
