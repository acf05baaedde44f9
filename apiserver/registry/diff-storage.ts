import { badRequest, forbidden } from "../../api/errors.ts";
import type { DiffOptions, GitSourceDiff, SourceChange } from "../../api/git/source-diff.ts";
import type { Key, Stored } from "../../api/object.ts";
import { apiVersionOf, type Resource } from "../../api/scheme.ts";
import type { GitSource } from "../../api/types.generated.ts";
import type { Authority } from "../admission/authority.ts";
import type { DiffSource } from "./diff-source.ts";
import type { KindStorage } from "./kind-storage.ts";
import { shownDiff } from "./shown-diff.ts";
import type { Storage } from "./storage.ts";

const COMMIT = /^[0-9a-f]{40}$/;

/** The subresource `diff` of GitSources: what the next apply would change. It is worked out when it is asked for, and kept nowhere. */
export class DiffStorage implements Storage {
  readonly resource: Resource;
  readonly objectKind: { group: string; version: string; kind: string };
  /** It shows which keys Secrets have. */
  readonly isConfidential = true;
  readonly #objects: KindStorage;
  readonly #source: DiffSource;

  constructor(objects: KindStorage, source: DiffSource) {
    const { group, version } = objects.resource;
    this.resource = objects.resource;
    this.objectKind = { group, version, kind: "GitSourceDiff" };
    this.#objects = objects;
    this.#source = source;
  }

  async diff(key: Key, options: DiffOptions, user: Authority, signal: AbortSignal): Promise<Stored> {
    const object = this.#objects.get(key) as Stored<GitSource>;
    const { name, namespace } = object.metadata;
    this.#assertMayChoose(object, options, user);
    const found = await this.#source.diffOf(object, options, signal);
    const mayRead = ({ resource: { group, plural }, ...of }: SourceChange): boolean =>
      user.may({ verb: "get", group, resource: plural, namespace: of.namespace, name: of.name });
    const diff: GitSourceDiff = {
      apiVersion: apiVersionOf(this.objectKind),
      kind: "GitSourceDiff",
      metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
      status: shownDiff(found, mayRead),
    };
    return diff as unknown as Stored;
  }

  /**
   * Another commit than that of its ref is for who could have it applied. A server gives out commits of strangers too (of a fork, of a pull request), which this
   * daemon would build with the variables and identities of the source.
   */
  #assertMayChoose(source: Stored<GitSource>, { commit }: DiffOptions, user: Authority): void {
    if (commit === undefined) return;
    if (!COMMIT.test(commit)) throw badRequest("query parameter commit must be 40 hexadecimal digits, in lower case");
    const { group, plural } = this.resource;
    const { name, namespace } = source.metadata;
    if (!user.may({ verb: "patch", group, resource: plural, namespace, name })) {
      const who = `User ${JSON.stringify(user.user.name)} cannot patch it`;
      throw forbidden(this.resource, name, `${who}, so only the revision that its ref names can be looked at`);
    }
    const chosen = { ...source, spec: { ...source.spec, ref: { commit } } };
    this.#objects.assertWriterMay(chosen, source, user);
  }
}
