import type { Manifest } from "../../api/manifests/manifest.ts";
import { unknownKind } from "../../api/manifests/unknown-kind.ts";
import { type Key, type KubeObject, makeKey } from "../../api/object.ts";
import { apiVersionOf, type Resource, resourceOfKind, wellKnown } from "../../api/scheme.ts";
import { idOf } from "./inventory.ts";
import type { ManifestFile, SourceIdentity } from "./reader.ts";

/** An Object as the source declares it. */
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
  /** Declared more than once, or made by another source: neither applied nor pruned. */
  contested: ReadonlySet<string>;
  /** Files whose Objects are unknown. */
  broken: ReadonlySet<string>;
  /** For people, each with its place. */
  problems: readonly string[];
}

const DEFAULT_NAMESPACE = "default";

/** What the files say together. `resources`: kinds that a source may declare. `others`: ids of what other sources made, each with its source. */
export function desiredFrom(
  files: readonly ManifestFile[],
  resources: readonly Resource[],
  source: SourceIdentity,
  others: ReadonlyMap<string, string>,
): Desired {
  const objects = new Map<string, Declared>();
  const declaredAgain = new Map<string, string[]>();
  const problems: string[] = [];
  for (const file of files) {
    if (file.problem) problems.push(file.problem);
    for (const manifest of file.manifests) {
      const declared = declare(manifest, file.signature, resources, source);
      if (typeof declared === "string") {
        problems.push(declared);
        continue;
      }
      const id = idOf(declared.resource, declared.key);
      const other = objects.get(id);
      if (other) {
        const places = declaredAgain.get(id) ?? [placeOf(other.manifest)];
        declaredAgain.set(id, [...places, placeOf(manifest)]);
      } else objects.set(id, declared);
    }
  }
  const contested = new Set<string>();
  for (const [id, declared] of objects) {
    const contest = describeContest(declared, declaredAgain.get(id), others.get(id));
    if (contest === undefined) continue;
    problems.push(contest);
    contested.add(id);
    objects.delete(id);
  }
  const broken = new Set(files.filter(({ problem }) => problem).map(({ path }) => path));
  return { objects, contested, broken, problems };
}

function describeContest(
  { resource, key, manifest }: Declared,
  places: readonly string[] | undefined,
  owner: string | undefined,
): string | undefined {
  if (places) {
    return `${places.at(-1)}: ${resource.kind} ${key} is declared more than once (${places.join(" and ")}): keep one; until then it stays as it is`;
  }
  if (owner === undefined) return undefined;
  return `${placeOf(manifest)}: ${resource.kind} ${key} belongs to the source "${owner}", which made it: remove it from one of the two; until then it is left to that source`;
}

export const placeOf = ({ file, line }: Manifest): string => `${file}:${line}`;

/** Returns the problem instead when the source cannot declare it. */
function declare(
  manifest: Manifest,
  signature: string,
  resources: readonly Resource[],
  source: SourceIdentity,
): Declared | string {
  const { object } = manifest;
  const resource = resources.find((one) => one.kind === object.kind && apiVersionOf(one) === object.apiVersion);
  if (!resource) return refusedKind(manifest, resources, source);
  const { namespace: _, ...metadata } = object.metadata;
  // A manifest that was read from the API has the marks of a source. Which are right is not for it to say.
  const { [wellKnown.sourceAdoptedAnnotation]: __, ...annotations } = object.metadata.annotations ?? {};
  const namespace = resource.namespaced ? (object.metadata.namespace ?? DEFAULT_NAMESPACE) : undefined;
  const marked: KubeObject = {
    ...object,
    metadata: {
      ...metadata,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...object.metadata.labels, [wellKnown.sourceLabel]: source.label },
      annotations: { ...annotations, [wellKnown.sourceFileAnnotation]: manifest.file },
    },
  };
  return { resource, key: makeKey(namespace, object.metadata.name), object: marked, manifest, signature };
}

/** Kinds that only the daemon makes are known too, but cannot be declared. */
function refusedKind(manifest: Manifest, resources: readonly Resource[], { noun }: SourceIdentity): string {
  const { kind, apiVersion } = manifest.object;
  if (!resourceOfKind(apiVersion, kind)) return unknownKind(manifest, resources).message;
  return `${placeOf(manifest)}: no kind "${kind}" in version "${apiVersion}" can be declared in a ${noun}`;
}
