import type { RunAs } from "../../api/types.generated.ts";
import { sameJson } from "../../lib/same-json.ts";
import type { Authority } from "../admission/authority.ts";

/** What has a program, and whose rights it gets. */
interface Runs {
  metadata: { namespace?: string };
  spec: { runAs?: RunAs; replicas?: number };
}

/** What stands for the account of programs that name none: on Linux the daemon's own, unless the configuration says another (`defaults.runAs`). */
const NONE = "default";

/**
 * Whoever says what an account runs has the rights of that account: so he must have been given it, by the verb `use` on `accounts` of `wctl.dev` in that
 * namespace (decision 0049). Asked also of who changes what another one's account runs; not of who scales it.
 */
export function accountRestriction(next: Runs, current: Runs | undefined, writer: Authority): string | undefined {
  if (current && sameJson(decides(next), decides(current))) return undefined;
  const { namespace } = next.metadata;
  const name = accountOf(next.spec.runAs);
  if (writer.may({ verb: "use", group: "wctl.dev", resource: "accounts", namespace, name })) return undefined;
  const who = `User ${JSON.stringify(writer.user.name)}`;
  return `${who} cannot use resource "accounts" ${JSON.stringify(name)} in API group "wctl.dev" in the namespace ${JSON.stringify(namespace)}: spec.runAs.account says whose rights the program has`;
}

const accountOf = (runAs: RunAs | undefined): string => {
  if (runAs?.session !== undefined) return `session:${runAs.session}`;
  return runAs?.account ?? NONE;
};

const decides = ({ spec }: Runs): object => ({ ...spec, replicas: undefined });
