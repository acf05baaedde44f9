import type { PolicyRule, RoleRef } from "../../api/types.generated.ts";
import type { Identity } from "../authentication/identity.ts";

/** An act on a resource, in words: the resource need not be served, as the accounts that programs run as are not. */
export interface Act {
  verb: string;
  group: string;
  resource: string;
  subresource?: string;
  namespace?: string | undefined;
  name?: string | undefined;
}

export type PathAct = Pick<Act, "verb"> & { path: string };

/** What one user may do. A write that grants something to others asks it what the writer has himself. */
export interface Authority {
  readonly user: Identity;
  may(act: Act | PathAct): boolean;
  /** Without those of other authorizers than roles: what an agent may do follows from its Instances. */
  rulesIn(namespace: string | undefined): readonly PolicyRule[];
  /** Roles that are bound to him there and do not exist. */
  unresolvedIn(namespace: string | undefined): readonly RoleRef[];
}
