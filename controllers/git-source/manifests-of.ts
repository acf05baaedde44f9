import { ManifestError } from "../../api/manifest-error.ts";
import { type Manifest, objectsIn } from "../../api/manifests/manifest.ts";
import { resourceOfKind } from "../../api/scheme.ts";
import { mustBeSecrets, openFile, openManifests } from "../../api/sealing/open-manifests.ts";
import { isSealedFile } from "../../api/sealing/sealed.ts";
import { UnreadYaml, type YamlThread } from "../../api/yaml/yaml-thread.ts";
import type { GitFile } from "../../git/repository/tree-files.ts";
import type { ManifestFile } from "../source/reader.ts";
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
  yaml: Pick<YamlThread, "readYaml">,
): Promise<ManifestFile[]> {
  const opener = await open?.();
  const folder = placement.path.split("/").filter((part) => part !== "" && part !== ".");
  const read = async (bytes: Uint8Array, shown: string): Promise<Manifest[]> => {
    if (!isSealedFile(shown)) return openManifests(objectsIn(await yaml.readYaml(bytes, shown, variables)), opener);
    const manifests = objectsIn(await yaml.readYaml(await openFile(bytes, shown, opener), shown));
    mustBeSecrets(manifests);
    return manifests;
  };
  return Promise.all(
    files.map(async ({ path, oid, bytes }): Promise<ManifestFile> => {
      const shown = [...folder, path].join("/");
      const signature = JSON.stringify([oid, placement, version]);
      try {
        const manifests = await read(bytes, shown);
        return { path: shown, signature, manifests: manifests.map((one) => placed(one, placement)) };
      } catch (error) {
        const isUnread = error instanceof UnreadYaml;
        if (!isUnread && !(error instanceof ManifestError)) throw error;
        const problem = isUnread ? `${shown}: ${error.message}` : error.message;
        return { path: shown, signature, manifests: [], problem };
      }
    }),
  );
}

function placed(manifest: Manifest, { namespace, targetNamespace }: Placement): Manifest {
  const { object } = manifest;
  if (resourceOfKind(object.apiVersion, object.kind)?.namespaced !== true) return manifest;
  const wanted = targetNamespace ?? object.metadata.namespace ?? namespace;
  return { ...manifest, object: { ...object, metadata: { ...object.metadata, namespace: wanted } } };
}
