import { sourceLabelOf } from "../../api/git/source-label.ts";
import type { Stored } from "../../api/object.ts";
import type { GitSource } from "../../api/types.generated.ts";
import type { SourceIdentity } from "../source/reader.ts";

/** What a GitSource is called towards the API. */
export function sourceIdentityOf(source: Stored<GitSource>): SourceIdentity {
  const { namespace = "default", name } = source.metadata;
  const label = sourceLabelOf(source);
  return {
    label,
    fieldManager: `wctl-source-${label}`,
    noun: "repository",
    unreadableReason: "FetchFailed",
    howToApprove: `if it is meant: wctl approve gitsource/${name} -n ${namespace}`,
  };
}
