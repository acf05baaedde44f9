import { type Key, makeKey, type Stored } from "../../api/object.ts";
import type { GitSource } from "../../api/types.generated.ts";
import type { Indexers, Lister } from "../../machinery/lister.ts";

/** All GitSources, as far as they are known. */
export type Sources = Pick<Lister<GitSource>, "get">;

/** The sources that it names in its dependsOn. */
export const dependenciesOf = ({ metadata, spec }: Stored<GitSource>): Key[] =>
  (spec.dependsOn ?? []).map(({ name, namespace }) => makeKey(namespace ?? metadata.namespace, name));

/** Indexers for the informer of GitSources. */
export const gitSourceIndexers = {
  /** By the key of each source that it depends on. */
  dependency: dependenciesOf,
} satisfies Indexers<GitSource>;
