import { ManifestError } from "../../api/manifest-error.ts";
import { type Manifest, objectsIn } from "../../api/manifests/manifest.ts";
import { resourceOfKind } from "../../api/scheme.ts";
import { UnreadYaml, type YamlThread } from "../../api/yaml/yaml-thread.ts";
import type { GitFile } from "../../git/repository/tree-files.ts";
import type { ManifestFile } from "../source/reader.ts";

export interface Placement {
  /** Folder in the repository: names of files are shown from its root. */
  path: string;
  /** Of what says none. */
  namespace: string;
  /** Of everything that has one, whatever it says. */
  targetNamespace: string | undefined;
}

/** The files of a revision as manifests. One that cannot be read says why. */
export function manifestsOf(
  files: readonly GitFile[],
  placement: Placement,
  yaml: Pick<YamlThread, "readYaml">,
): Promise<ManifestFile[]> {
  const folder = placement.path.split("/").filter((part) => part !== "" && part !== ".");
  return Promise.all(
    files.map(async ({ path, oid, bytes }): Promise<ManifestFile> => {
      const shown = [...folder, path].join("/");
      const signature = `${oid} ${placement.namespace} ${placement.targetNamespace ?? ""}`;
      try {
        const manifests = objectsIn(await yaml.readYaml(bytes, shown));
        return { path: shown, signature, manifests: manifests.map((one) => placed(one, placement)) };
      } catch (error) {
        if (error instanceof ManifestError) return { path: shown, signature, manifests: [], problem: error.message };
        if (error instanceof UnreadYaml)
          return { path: shown, signature, manifests: [], problem: `${shown}: ${error.message}` };
        throw error;
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
