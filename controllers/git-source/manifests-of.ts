import { isSealedFile } from "../../api/age-file.ts";
import { ManifestError } from "../../api/manifest-error.ts";
import { buildFolder } from "../../api/manifests/kustomization/build.ts";
import { KUSTOMIZATION_FILES } from "../../api/manifests/kustomization/kustomization-file.ts";
import { type Manifest, objectsIn } from "../../api/manifests/manifest.ts";
import { resourceOfKind } from "../../api/scheme.ts";
import { mustBeSecrets, openFile, openManifests, withoutItsWords } from "../../api/sealing/open-manifests.ts";
import type { Variables } from "../../api/variables/expand.ts";
import { UnreadYaml, type YamlThread } from "../../api/yaml/yaml-thread.ts";
import type { GitFile } from "../../git/repository/tree-files.ts";
import type { ManifestFile } from "../source/reader.ts";
import { boundedYaml } from "./bounded-yaml.ts";
import type { Inputs } from "./inputs.ts";

export interface Placement {
  /** Folder in the repository: names of files are shown from its root. */
  path: string;
  /** Of what says none. */
  namespace: string;
  /** Of everything that has one, whatever it says. */
  targetNamespace: string | undefined;
}

/** The files of a revision as manifests, with what is sealed opened and variables put in. One that cannot be read says why. */
export async function manifestsOf(
  files: readonly GitFile[],
  placement: Placement,
  { opener: open, variables, version }: Pick<Inputs, "opener" | "variables" | "version">,
  thread: Pick<YamlThread, "readYaml">,
): Promise<ManifestFile[]> {
  const yaml = boundedYaml(thread);
  const opener = await open?.();
  const folder = folderOf(placement);
  const read = async (bytes: Uint8Array, shown: string): Promise<Manifest[]> => {
    if (!isSealedFile(shown)) return openManifests(objectsIn(await yaml.readYaml(bytes, shown, variables)), opener);
    const opened = await openFile(bytes, shown, opener);
    const manifests = await withoutItsWords(async () => objectsIn(await yaml.readYaml(opened, shown)));
    mustBeSecrets(manifests);
    return manifests;
  };
  const one = async ({ path, oid, bytes }: GitFile): Promise<ManifestFile> => {
    const shown = folder === "" ? path : `${folder}/${path}`;
    const signature = JSON.stringify([oid, placement, version]);
    try {
      const manifests = await read(bytes, shown);
      return { path: shown, signature, manifests: manifests.map((manifest) => placed(manifest, placement)) };
    } catch (error) {
      return { path: shown, signature, manifests: [], problem: problemOf(error, shown) };
    }
  };
  // One after the other, so that other sources have their turn at the thread.
  const all: ManifestFile[] = [];
  for (const file of files) all.push(await one(file));
  return all;
}

/** Does somebody build what is here, or is it read as it is? */
export const isKustomized = (files: readonly GitFile[]): boolean =>
  files.some(({ path }) => KUSTOMIZATION_FILES.includes(path.slice(path.lastIndexOf("/") + 1)));

/**
 * The same for a folder that is built by kustomization files, from all files of a revision. Sealed values are opened when everything is built. Files that are sealed
 * whole, and variables from Secrets, are not for what is built: no patch may move a secret to where others read it.
 */
export async function builtManifests(
  files: readonly GitFile[],
  commit: string,
  placement: Placement,
  { opener: open, variables, version }: Pick<Inputs, "opener" | "variables" | "version">,
  thread: Pick<YamlThread, "readYaml">,
): Promise<ManifestFile[]> {
  const yaml = boundedYaml(thread);
  const opener = await open?.();
  const known = variables && withheld(variables);
  const folder = folderOf(placement);
  const signature = JSON.stringify([commit, placement, version]);
  const input = {
    files: new Map(files.map(({ path, bytes }) => [path, bytes])),
    readYaml: (bytes: Uint8Array, file: string) => yaml.readYaml(bytes, file, known),
    readAsWritten: (bytes: Uint8Array, file: string) => yaml.readYaml(bytes, file),
  };
  try {
    const manifests = await openManifests(await buildFolder(input, folder), opener);
    const byFile = Map.groupBy(manifests, ({ file }) => file);
    return Array.from(byFile, ([path, all]) => ({
      path,
      signature,
      manifests: all.map((one) => placed(one, placement)),
    }));
  } catch (error) {
    const path = error instanceof ManifestError ? error.file : folder;
    return [{ path, signature, manifests: [], problem: problemOf(error, folder) }];
  }
}

/** Those from Secrets are known, so that no default takes their place, and are of no use. */
const withheld = (variables: Variables): Variables =>
  new Map(
    Array.from(variables, ([name, one]) => [
      name,
      one.isSecret
        ? { value: "", isSecret: true, withheld: "comes from a Secret, which is not for what is built" }
        : one,
    ]),
  );

/** From the root, without `.` and slashes that say nothing. */
const folderOf = ({ path }: Placement): string =>
  path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");

/** Rethrows what is not the fault of a file. */
function problemOf(error: unknown, shown: string): string {
  if (error instanceof ManifestError) return error.message;
  if (error instanceof UnreadYaml) return `${shown}: ${error.message}`;
  throw error;
}

function placed(manifest: Manifest, { namespace, targetNamespace }: Placement): Manifest {
  const { object } = manifest;
  if (resourceOfKind(object.apiVersion, object.kind)?.namespaced !== true) return manifest;
  const wanted = targetNamespace ?? object.metadata.namespace ?? namespace;
  return { ...manifest, object: { ...object, metadata: { ...object.metadata, namespace: wanted } } };
}
