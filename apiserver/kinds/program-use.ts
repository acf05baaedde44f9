import { accountOf } from "../../api/account-of.ts";
import type { ProcessTemplate } from "../../api/types.generated.ts";
import { sameJson } from "../../lib/same-json.ts";
import type { Authority } from "../admission/authority.ts";

/** What has a program, whose rights it gets, and before whom it runs. */
interface Runs {
  metadata: { namespace?: string };
  spec: Pick<ProcessTemplate, "runAs" | "resources"> & { replicas?: number };
}

/** Above what every user of the machine may give his own programs. */
const raised: ReadonlySet<string> = new Set(["AboveNormal", "High"]);

/**
 * Whoever says what an account runs has the rights of that account: so he must have been given it, by the verb `use` on `accounts` of `wctl.dev` in that
 * namespace (decision 0049). Asked also of who changes what another one's account runs; and of both accounts when it is to be another one, which gets what
 * the one before has written. Not asked of who scales it.
 */
export function programRestriction(next: Runs, current: Runs | undefined, writer: Authority): string | undefined {
  if (current && sameJson(decides(next), decides(current))) return undefined;
  return accountRefusal(next, writer) ?? (current && accountRefusal(current, writer)) ?? priorityRefusal(next, writer);
}

/** Why this user may say nothing of what the account of this program does. */
export const accountRefusal = ({ metadata, spec }: Runs, user: Authority): string | undefined =>
  refusal(
    user,
    metadata.namespace,
    ["accounts", accountOf(spec)],
    "spec.runAs.account says whose rights the program has",
  );

/** He may be asked for one account after the other, and has them all. */
export const mayUseEveryAccount = (user: Authority, namespace: string | undefined): boolean =>
  user.may({ verb: "use", group: "wctl.dev", resource: "accounts", namespace });

function priorityRefusal({ metadata, spec }: Runs, writer: Authority): string | undefined {
  const { priorityClass = "" } = spec.resources ?? {};
  if (!raised.has(priorityClass)) return undefined;
  const why = "spec.resources.priorityClass says before whom the program runs";
  return refusal(writer, metadata.namespace, ["priorityclasses", priorityClass], why);
}

function refusal(
  user: Authority,
  namespace: string | undefined,
  [resource, name]: [resource: string, name: string],
  why: string,
): string | undefined {
  if (user.may({ verb: "use", group: "wctl.dev", resource, namespace, name })) return undefined;
  const who = `User ${JSON.stringify(user.user.name)}`;
  return `${who} cannot use resource ${JSON.stringify(resource)} ${JSON.stringify(name)} in API group "wctl.dev" in the namespace ${JSON.stringify(namespace)}: ${why}`;
}

const decides = ({ spec }: Runs): object => ({ ...spec, replicas: undefined });
