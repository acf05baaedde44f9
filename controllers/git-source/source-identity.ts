import { createHash } from "node:crypto";
import type { Stored } from "../../api/object.ts";
import type { GitSource } from "../../api/types.generated.ts";
import type { SourceIdentity } from "../source/reader.ts";
import { SOURCE_MANAGER } from "../source/server-side.ts";

const LONGEST_LABEL = 63;
const LONGEST_MANAGER = 128;

/** What a GitSource is called towards the API: the same for the same namespace and name, so that one that was deleted and made again knows its objects. */
export function sourceIdentityOf({ metadata }: Stored<GitSource>): SourceIdentity {
  const { namespace = "default", name } = metadata;
  return {
    label: shortened(`git.${namespace}.${name}`, LONGEST_LABEL),
    fieldManager: shortened(`${SOURCE_MANAGER}git-${namespace}-${name}`, LONGEST_MANAGER),
    noun: "repository",
    unreadableReason: "FetchFailed",
    howToApprove: `if it is meant: wctl approve gitsource/${name} -n ${namespace}`,
  };
}

/** A long name ends in a hash of all of it. */
function shortened(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return `${text.slice(0, longest - hash.length - 1)}.${hash}`;
}
