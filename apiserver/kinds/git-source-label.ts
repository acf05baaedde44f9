import { sourceLabelOf } from "../../api/git/source-label.ts";
import type { Stored } from "../../api/object.ts";
import { gitSources, wellKnown } from "../../api/scheme.ts";
import type { GitSource } from "../../api/types.generated.ts";
import type { Authority } from "../admission/authority.ts";
import { type Identity, serviceAccountUser, sourceIdentity, sourceNamespaceOf } from "../authentication/identity.ts";
import type { Content } from "./kind.ts";

/** Why a writer must not say that the source of this label has made something: he is neither the source, nor the account as which it writes, nor may he change it. */
export function sourceLabelRestriction(label: string, writer: Authority, content: Content): string | undefined {
  const source = content.all(gitSources).find((one) => sourceLabelOf(one) === label);
  if (source && writesAs(source, writer.user)) return undefined;
  const { group, plural } = gitSources;
  const { namespace, name } = source?.metadata ?? {};
  if (writer.may({ verb: "patch", group, resource: plural, namespace, name })) return undefined;
  const which = source ? `${JSON.stringify(name)} in the namespace ${JSON.stringify(namespace)}` : "in every namespace";
  return `User ${JSON.stringify(writer.user.name)} cannot patch gitsources ${which}: a source prunes what has its label; leave out the label ${wellKnown.sourceLabel}`;
}

function writesAs({ metadata: { namespace = "default", name }, spec }: Stored<GitSource>, user: Identity): boolean {
  const { serviceAccountName: account } = spec;
  if (account !== undefined) return user.name === serviceAccountUser(namespace, account);
  return user.name === sourceIdentity(namespace, name).name && sourceNamespaceOf(user) === namespace;
}
