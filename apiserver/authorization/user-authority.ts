import type { PolicyRule, RoleRef } from "../../api/types.generated.ts";
import type { Act, Authority, PathAct } from "../admission/authority.ts";
import type { Identity } from "../authentication/identity.ts";
import type { Authorizer } from "./authorizer.ts";

/** What a user may do, as an Authorizer decides it at each question. */
export class UserAuthority implements Authority {
  readonly user: Identity;
  readonly #authorizer: Authorizer;

  constructor(user: Identity, authorizer: Authorizer) {
    this.user = user;
    this.#authorizer = authorizer;
  }

  may(act: Act | PathAct): boolean {
    if ("path" in act) return this.#authorizer.allows(this.user, { kind: "path", ...act });
    const { verb, group, resource: plural, ...where } = act;
    return this.#authorizer.allows(this.user, { kind: "resource", verb, resource: { group, plural }, ...where });
  }

  rulesIn(namespace: string | undefined): readonly PolicyRule[] {
    return this.#authorizer.rulesOf(this.user, namespace);
  }

  unresolvedIn(namespace: string | undefined): readonly RoleRef[] {
    return this.#authorizer.unresolvedOf?.(this.user, namespace) ?? [];
  }
}
