import type { Clock } from "../../../lib/clock.ts";
import type { Logger } from "../../../lib/logger.ts";
import type { LaunchSpec, Restrictions, RunAs } from "../../runtime.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { baseEnvironment } from "../process/base-environment.ts";
import type { SlowCalls } from "../slow-calls.ts";
import { type AccountKind, type AccountName, withSid } from "./account-name.ts";
import { hasProfile, type Own, requirePrivileges, sourceOf, wantedBy } from "./choose-account.ts";
import { startFailureOf } from "./identity-failure.ts";
import { knownRestrictions } from "./known-restrictions.ts";
import { type KnownAccount, logOn } from "./logon.ts";
import { LogonGuard } from "./logon-guard.ts";
import { computerName, nameOfSid, sidOfName } from "./look-up-account.ts";
import { enablePrivileges, NEEDED, type NeededPrivilege } from "./privileges.ts";
import { Profile } from "./profile.ts";
import { restrictToken } from "./restrict-token.ts";
import { sessionToken, USERS_DESKTOP } from "./session-token.ts";
import { LOCAL_SYSTEM } from "./sid.ts";
import { Token } from "./token.ts";

/** As whom a run is started. Whoever took it closes it. */
export interface Identity {
  /** For the process, with all restrictions. */
  token: Token;
  sid: string;
  /** `DOMAIN\name`, for messages and for icacls. */
  label: string;
  desktop: string | undefined;
  /** `inheritEnvironment: System` of this account. */
  environment: Readonly<Record<string, string>>;
  /** What was taken from the account, groups as SIDs. Kept with the run: probes get the same. */
  restrictions: Restrictions;
  /** Goes to the run when it was born. */
  profile: Profile | undefined;
}

export interface AccountsParts {
  api: Winapi;
  slow: SlowCalls;
  clock: Clock;
  logger: Logger;
}

interface Source {
  /** Unrestricted; the daemon's own is never given away as it is. */
  token: Token;
  sid: string;
  label: string;
  kind: AccountKind | "own" | "session";
  /** For the profile. */
  user: string;
}

/** The accounts that workloads run as (docs/decisions/0011). */
export class Accounts {
  readonly own: Own;
  readonly #parts: AccountsParts;
  readonly #guard: LogonGuard;
  readonly #missing: Set<NeededPrivilege>;
  #ownEnvironment: Readonly<Record<string, string>> | undefined;

  /** Enables what it needs of the daemon's privileges, and says in the log what is missing. Throws Win32Error. */
  constructor(parts: AccountsParts) {
    this.#parts = parts;
    this.#guard = new LogonGuard(parts.clock);
    const sid = withToken(Token.ofProcess(parts.api), ({ user }) => user);
    this.own = { sid, label: nameOfSid(parts.api, sid) };
    this.#missing = enablePrivileges(parts.api, Object.keys(NEEDED) as NeededPrivilege[]);
    this.#tellWhatIsMissing();
  }

  /** Throws StartError: AccountNotFound, AccountNotAllowed, LogonFailed, InvalidArgument, SystemError. */
  async take(spec: Pick<LaunchSpec, "runAs" | "allowPrivileged">): Promise<Identity> {
    const { runAs = {}, allowPrivileged = false } = spec;
    try {
      const restrictions = await knownRestrictions(this.#parts.slow, runAs);
      const source = await this.#source(runAs, allowPrivileged);
      return await this.#identity(source, restrictions);
    } catch (error) {
      throw startFailureOf(error, runAs);
    }
  }

  /**
   * For what runs beside a workload: its own token again, so that no password is needed and nothing it lost comes back. A daemon
   * that can't start programs as others may use restricted copies of its own token only, and makes the same one anew. Throws Win32Error.
   */
  tokenOfRun(process: Handle, restrictions: Restrictions): Token {
    const { api } = this.#parts;
    const isOwn = ({ user }: Token): boolean => user === this.own.sid;
    return withToken(Token.ofProcess(api, process, Token.COPYABLE), (running) =>
      this.own.sid !== LOCAL_SYSTEM && isOwn(running)
        ? withToken(Token.ofProcess(api), (own) => restrictToken(api, own, restrictions))
        : running.primary(),
    );
  }

  /** `inheritEnvironment: System` of the account whose token this is. Throws Win32Error. */
  environmentOf(token: Token): Readonly<Record<string, string>> {
    return token.user === this.own.sid ? this.#environmentOfOwn(token) : baseEnvironment(this.#parts.api, token.handle);
  }

  async #source(runAs: RunAs, allowPrivileged: boolean): Promise<Source> {
    const { api } = this.#parts;
    const wanted = wantedBy(runAs, this.own);
    if (wanted.from === "own") return this.#ownSource();
    if (wanted.from === "session") {
      requirePrivileges("session", "the user of a session", this.own, this.#missing);
      return this.#checked(sessionToken(api, wanted.session), "session", allowPrivileged);
    }
    const account = await this.#known(wanted.name);
    if (sourceOf(account.sid, this.own, allowPrivileged) === "own") return this.#ownSource();
    requirePrivileges(account.kind, account.label, this.own, this.#missing);
    const parts = { ...this.#parts, guard: this.#guard, wall: () => this.#parts.clock.wall() };
    const token = await logOn(parts, account, runAs.password);
    return this.#checked(token, account.kind, allowPrivileged, account.user);
  }

  #ownSource(): Source {
    return { token: Token.ofProcess(this.#parts.api), ...this.own, kind: "own", user: "" };
  }

  /** Whoever the token says it is, it is not LocalSystem by a side door. */
  #checked(token: Token, kind: AccountKind | "session", allowPrivileged: boolean, user = ""): Source {
    try {
      const sid = token.user;
      sourceOf(sid, this.own, allowPrivileged);
      return { token, sid, label: nameOfSid(this.#parts.api, sid), kind, user };
    } catch (error) {
      token.close();
      throw error;
    }
  }

  /** Closes the source, or hands its token to the profile. */
  async #identity({ token: full, sid, label, kind, user }: Source, restrictions: Restrictions): Promise<Identity> {
    const { api } = this.#parts;
    let profile: Profile | undefined;
    let token: Token | undefined;
    try {
      if (kind !== "own" && kind !== "session" && hasProfile(kind))
        profile = await Profile.load(this.#parts, full, user);
      token = restrictToken(api, full, restrictions);
      const environment = kind === "own" ? this.#environmentOfOwn(full) : baseEnvironment(api, full.handle);
      const desktop = kind === "own" ? undefined : kind === "session" ? USERS_DESKTOP : "";
      return { token, sid, label, desktop, environment, restrictions, profile };
    } catch (error) {
      token?.close();
      profile?.unload();
      throw error;
    } finally {
      if (!profile) full.close();
    }
  }

  #environmentOfOwn(token: Token): Readonly<Record<string, string>> {
    this.#ownEnvironment ??= baseEnvironment(this.#parts.api, token.handle);
    return this.#ownEnvironment;
  }

  async #known(name: AccountName): Promise<KnownAccount> {
    const { slow, api } = this.#parts;
    const sid = name.sid ?? (await sidOfName(slow, name.lookUp.replace(/^\.(?=\\)/, computerName())));
    return { ...withSid(name, sid), label: nameOfSid(api, sid) };
  }

  #tellWhatIsMissing(): void {
    const { logger } = this.#parts;
    const missing = [...this.#missing].map((name) => `${name} (${NEEDED[name]})`);
    if (this.own.sid !== LOCAL_SYSTEM || missing.length === 0) return;
    logger.warn(
      "this daemon lacks privileges, so some accounts can't be used for workloads: run wctl service install again",
      {
        account: this.own.label,
        missing: missing.join(", "),
      },
    );
  }
}

function withToken<T>(token: Token, use: (token: Token) => T): T {
  try {
    return use(token);
  } finally {
    token.close();
  }
}
