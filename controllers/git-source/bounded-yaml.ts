import { ManifestError } from "../../api/manifest-error.ts";
import type { YamlThread } from "../../api/yaml/yaml-thread.ts";

type Yaml = Pick<YamlThread, "readYaml">;

/** Small files may ask for large texts: a value of a ConfigMap has a MiB, and any number of files may name it. */
const MOST_GROWN = 32 * 1024 * 1024;

/** The same for the files of one revision: what aliases and variables make of them has an end, however many there are. */
export function boundedYaml(yaml: Yaml): Yaml {
  let grown = 0;
  return {
    async readYaml(source, file, variables) {
      const documents = await yaml.readYaml(source, file, variables);
      for (const document of documents) grown += document.grown;
      if (grown <= MOST_GROWN) return documents;
      const problem = `aliases and variables put more than ${MOST_GROWN} characters into this revision: write them out`;
      throw new ManifestError({ file, document: 1, line: 1, column: 1 }, problem);
    },
  };
}
