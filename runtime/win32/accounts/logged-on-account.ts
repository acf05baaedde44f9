import type { Token } from "../security/token.ts";
import type { AccountKind } from "./account-name.ts";

/** An account with its token, before the rights that a workload shall not have are taken from it. */
export interface LoggedOnAccount {
  /** The unrestricted token; the daemon's own is never given away as it is. */
  token: Token;
  sid: string;
  label: string;
  kind: AccountKind | "own" | "session";
  /** For the profile. */
  user: string;
}
