import { ManifestError } from "../../../api/manifest-error.ts";
import { type Manifest, objectsIn, type Reading } from "../../../api/manifests/manifest.ts";
import { unknownKind } from "../../../api/manifests/unknown-kind.ts";
import { type Key, makeKey } from "../../../api/object.ts";
import { type Resource, resourceOfKind, scheme } from "../../../api/scheme.ts";
import { refusalsOfSealed } from "../../../api/sealing/sealed-values.ts";
import { parseLabelSelector } from "../../../api/selectors/selectors.ts";
import { readYamlLazily } from "../../../api/yaml/read-yaml-lazily.ts";
import type { Context } from "../command/command.ts";
import type { Connection } from "../command/session.ts";
import { throwCollected } from "../errors/throw-collected.ts";
import { kindName } from "../text/name.ts";
import { readSources } from "./sources.ts";

/** An object as a file says it, with its kind known and its namespace filled in. */
export interface ManifestObject extends Manifest {
  resource: Resource;
  key: Key;
}

/** What `-f` names, as far as it can be understood, and all that is wrong with the rest. */
interface ReadManifests {
  objects: ManifestObject[];
  errors: ManifestError[];
  /** Texts that were read. */
  files: number;
}

/** Where objects go that name no namespace. */
type Home = Pick<Connection, "namespace" | "namespaceGiven">;

/**
 * Reads and understands everything `-f` names before anything is sent, so that a broken file never makes half a change. Throws all
 * that is wrong, together, each with file, line and document.
 */
export async function readManifests(
  names: readonly string[],
  recursive: boolean,
  context: Context,
  reading: Reading = {},
): Promise<ManifestObject[]> {
  const { objects, errors } = await collectManifests(names, recursive, await context.session.open(), context, reading);
  throwCollected(errors);
  return objects;
}

/** The same without a server, and without throwing what is wrong with the files. Throws a Failure for what can't be read at all. */
export async function collectManifests(
  names: readonly string[],
  recursive: boolean,
  home: Home,
  { stdin, signal }: Pick<Context, "stdin" | "signal">,
  reading: Reading = {},
): Promise<ReadManifests> {
  const sources = await readSources(names, { recursive, stdin, signal });
  const read: ReadManifests = { objects: [], errors: [], files: sources.length };
  const onFault = (error: ManifestError): unknown => read.errors.push(error);
  for (const { bytes, name } of sources) {
    const understand = (manifest: Manifest): unknown => read.objects.push(understood(manifest, home));
    await unlessFaulty(onFault, async () => {
      const documents = await readYamlLazily(bytes, name, { ...reading, onFault });
      for (const manifest of objectsIn(documents, { ...reading, onFault }))
        await unlessFaulty(onFault, () => understand(manifest));
    });
  }
  return read;
}

/** What would be kept as it is, sealed: the server opens nothing that comes by this way. */
export const refuseSealed = (manifests: readonly ManifestObject[]): void => throwCollected(refusalsOfSealed(manifests));

async function unlessFaulty(onFault: (error: ManifestError) => unknown, act: () => unknown): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    onFault(error);
  }
}

/** What stands in the files more than once: the later one would undo the earlier one in silence. */
export function declaredTwice(manifests: readonly ManifestObject[]): ManifestError[] {
  const errors: ManifestError[] = [];
  const first = new Map<string, ManifestObject>();
  for (const manifest of manifests) {
    const { resource, key, object, file, line } = manifest;
    const name = `${kindName(resource)}/${key}`;
    const before = first.get(name);
    if (!before) first.set(name, manifest);
    else {
      const problem = `${object.kind} ${JSON.stringify(key)} is declared at ${before.file}:${before.line} already: remove one of the two`;
      errors.push(new ManifestError({ file, document: manifest.document, line, column: 1 }, problem));
    }
  }
  return errors;
}

/** Those with the wanted labels; all without a selector. */
export function selectManifests(manifests: ManifestObject[], selector: string | undefined): ManifestObject[] {
  if (!selector) return manifests;
  const wanted = parseLabelSelector(selector);
  return manifests.filter(({ object }) => wanted.matches(object.metadata.labels));
}

function understood(manifest: Manifest, { namespace, namespaceGiven }: Home): ManifestObject {
  const { object } = manifest;
  const resource = resourceOfKind(object.apiVersion, object.kind);
  if (!resource) throw unknownKind(manifest, scheme);
  if (!resource.namespaced) {
    const { namespace: _, ...metadata } = object.metadata;
    return { ...manifest, object: { ...object, metadata }, resource, key: object.metadata.name };
  }
  const own = object.metadata.namespace;
  if (own !== undefined && namespaceGiven && own !== namespace) {
    const { line, column } = manifest.lineOf("metadata.namespace") ?? { line: manifest.line, column: 1 };
    throw new ManifestError(
      { ...manifest, line, column },
      `the namespace from the provided object ${JSON.stringify(own)} does not match the namespace ${JSON.stringify(namespace)}. You must pass '--namespace=${own}' to perform this operation.`,
    );
  }
  const metadata = { ...object.metadata, namespace: own ?? namespace };
  return { ...manifest, object: { ...object, metadata }, resource, key: makeKey(metadata.namespace, metadata.name) };
}
