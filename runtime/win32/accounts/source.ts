import type { Token } from "../security/token.ts";
import type { AccountKind } from "./account-name.ts";

/** The account that a workload's rights are taken from. */
export interface Source {
  /** The unrestricted token; the daemon's own is never given away as it is. */
  token: Token;
  sid: string;
  label: string;
  kind: AccountKind | "own" | "session";
  /** For the profile. */
  user: string;
}
