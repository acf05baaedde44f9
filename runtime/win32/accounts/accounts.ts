import type { Clock } from "../../../lib/clock.ts";
import type { Logger } from "../../../lib/logger.ts";
import { type LaunchSpec, type Restrictions, StartError } from "../../runtime.ts";
import type { BlockingCalls } from "../blocking-calls.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { baseEnvironment } from "../process/base-environment.ts";
import { encodeSid, LOCAL_SYSTEM } from "../security/sid.ts";
import { Token } from "../security/token.ts";
import { environmentOfAccount } from "./account-environment.ts";
import { type AccountKind, type AccountName, withSid } from "./account-name.ts";
import { chooseAccount, type DaemonAccount, hasProfile, requireAllowed, requirePrivileges } from "./choose-account.ts";
import { computerName } from "./computer-name.ts";
import { startFailureOf } from "./identity-failure.ts";
import { knownRestrictions } from "./known-restrictions.ts";
import type { LoggedOnAccount } from "./logged-on-account.ts";
import { type KnownAccount, logOn } from "./logon.ts";
import { LogonGuard } from "./logon-guard.ts";
import { nameOfSid, ownName, sidOfName } from "./look-up-account.ts";
import { forgetRights } from "./lsa.ts";
import { enablePrivileges, NEEDED, type NeededPrivilege } from "./privileges.ts";
import { processAccount, processAccountOf } from "./process-account.ts";
import { Profile } from "./profile.ts";
import { restrictToken } from "./restrict-token.ts";
import { sessionToken, USERS_DESKTOP } from "./session-token.ts";
import { mapAccount, unmapAccount } from "./sid-mapping.ts";

/** The account that a run shall have, and the copy whose run it is. */
export type AccountRequest = Pick<LaunchSpec, "runAs" | "allowPrivileged"> & {
  /** As in `Copy`. */
  owner: string;
  /** The id of its home. */
  homeId: string;
  /** The folder that the instance has for itself. */
  home: string;
};

/** The account that a run is started as. Whoever took it closes it. */
export interface Identity {
  /** The token for the process, with all restrictions. */
  token: Token;
  sid: string;
  /** `DOMAIN\name`, for messages and for icacls. */
  label: string;
  desktop: string | undefined;
  /** The variables of `inheritEnvironment: System` for this account. */
  environment: Readonly<Record<string, string>>;
  /** Of the home, as it was asked for. */
  homeId: string;
  /** What was taken from the account, with groups as SIDs. It is kept with the run, so that probes get the same rights. */
  restrictions: Restrictions;
  /** The run takes it over when its process was created. */
  profile: Profile | undefined;
}

export interface AccountsParts {
  api: Winapi;
  slow: BlockingCalls;
  clock: Clock;
  logger: Logger;
}

/** The accounts that workloads run as (docs/decisions/0011). */
export class Accounts {
  readonly own: DaemonAccount;
  readonly #parts: AccountsParts;
  readonly #guard: LogonGuard;
  readonly #missing: Set<NeededPrivilege>;
  /** Labels of the Processes' accounts for which copies are being started. */
  readonly #taking: string[] = [];
  #ownEnvironment: Readonly<Record<string, string>> | undefined;

  /** Enables the privileges of the daemon that it needs, and logs which are missing. Throws Win32Error. */
  constructor(parts: AccountsParts) {
    this.#parts = parts;
    const sid = withToken(Token.ofProcess(parts.api), ({ user }) => user);
    this.own = { sid, label: ownName(parts.api, sid) };
    this.#guard = new LogonGuard(parts.clock);
    this.#missing = enablePrivileges(parts.api, Object.keys(NEEDED) as NeededPrivilege[]);
    this.#tellWhatIsMissing();
  }

  /** Throws StartError: AccountNotFound, AccountNotAllowed, LogonFailed, InvalidArgument, SystemError. */
  async take(request: AccountRequest): Promise<Identity> {
    const { runAs = {} } = request;
    const { label } = processAccount(request.owner);
    this.#taking.push(label);
    try {
      const restrictions = await knownRestrictions(this.#parts.slow, runAs);
      return await this.#identity(await this.#logOn(request), restrictions, request);
    } catch (error) {
      throw startFailureOf(error, runAs);
    } finally {
      this.#taking.splice(this.#taking.indexOf(label), 1);
    }
  }

  /**
   * The token for what runs beside a workload. It is made from the workload's own token, so no password is needed and nothing that was taken away
   * comes back. A daemon that can't start programs as others may use restricted copies of its own token only, and makes the same one anew. Throws
   * Win32Error.
   */
  tokenOfRun(process: Handle, restrictions: Restrictions, homeId: string): Token {
    const { api } = this.#parts;
    const isOwn = ({ user }: Token): boolean => user === this.own.sid;
    return withToken(Token.ofProcess(api, process, Token.COPYABLE), (running) =>
      this.own.sid !== LOCAL_SYSTEM && isOwn(running)
        ? withToken(Token.ofProcess(api), (own) => restrictToken(api, own, restrictions, homeId))
        : running.primary(),
    );
  }

  /**
   * The variables of `inheritEnvironment: System` for the account of this token. `label`: as in the run's record. `home`: the folder of the instance.
   * Throws Win32Error.
   */
  environmentOf(token: Token, label: string, home: string): Readonly<Record<string, string>> {
    const sid = token.user;
    if (sid === this.own.sid) return this.#environmentOfOwn(token);
    const known = processAccountOf(label);
    const kind = known?.sid === sid ? "process" : "user";
    return environmentOfAccount(this.#parts.api, { token, sid, label, kind, user: known?.user ?? "" }, home);
  }

  /** Lets Windows forget the account when the last copy of a Process is gone and no other is on its way. `label`: as in its runs' records. */
  leave(label: string): void {
    const account = processAccountOf(label);
    if (!account || this.own.sid !== LOCAL_SYSTEM || this.#taking.includes(label)) return;
    try {
      forgetRights(this.#parts.api, encodeSid(account.sid));
      unmapAccount(this.#parts.api, account);
    } catch (error) {
      this.#parts.logger.warn("the account of a Process that is gone could not be removed", {
        account: label,
        error: String(error),
      });
    }
  }

  async #logOn({ runAs = {}, allowPrivileged = false, owner }: AccountRequest): Promise<LoggedOnAccount> {
    const { api, slow } = this.#parts;
    const choice = chooseAccount(runAs, this.own, owner);
    if (choice.from === "own") return this.#ownAccount();
    if (choice.from === "session") {
      requirePrivileges("session", "the user of a session", this.own, this.#missing);
      return await this.#checked(sessionToken(api, choice.session), "session", allowPrivileged);
    }
    if (choice.from === "process") {
      requirePrivileges("process", "an account of the Process's own", this.own, this.#missing);
      await mapAccount(api, slow, choice.account);
    }
    const account = choice.from === "process" ? choice.account : await this.#known(choice.name);
    requireAllowed(account.sid, this.own, allowPrivileged);
    if (account.sid === this.own.sid) return this.#ownAccount();
    requirePrivileges(account.kind, account.label, this.own, this.#missing);
    const parts = { ...this.#parts, guard: this.#guard, wall: () => this.#parts.clock.wall() };
    const token = await logOn(parts, account, runAs.password);
    const loggedOn = await this.#checked(token, account.kind, allowPrivileged, account.user);
    if (choice.from !== "process") return loggedOn;
    if (loggedOn.sid === account.sid) return { ...loggedOn, label: account.label };
    token.close();
    throw new StartError("LogonFailed", `${account.label} logged on as ${loggedOn.label}, not as ${account.sid}`);
  }

  #ownAccount(): LoggedOnAccount {
    return { token: Token.ofProcess(this.#parts.api), ...this.own, kind: "own", user: "" };
  }

  /** Refuses a token that turns out to be LocalSystem's, whatever name the manifest used for it. */
  async #checked(
    token: Token,
    kind: AccountKind | "session",
    allowPrivileged: boolean,
    user = "",
  ): Promise<LoggedOnAccount> {
    try {
      const sid = token.user;
      requireAllowed(sid, this.own, allowPrivileged);
      return { token, sid, label: await nameOfSid(this.#parts.slow, sid), kind, user };
    } catch (error) {
      token.close();
      throw error;
    }
  }

  /** Closes the unrestricted token, or hands it to the profile. */
  async #identity(account: LoggedOnAccount, asked: Restrictions, { homeId, home }: AccountRequest): Promise<Identity> {
    const { token: full, sid, label, kind, user } = account;
    const { api } = this.#parts;
    const restrictions = withLevel(asked, account);
    let profile: Profile | undefined;
    let token: Token | undefined;
    try {
      if (kind !== "own" && kind !== "session" && hasProfile(kind))
        profile = await Profile.load(this.#parts, full, { user, label });
      token = restrictToken(api, full, restrictions, homeId);
      const environment = kind === "own" ? this.#environmentOfOwn(full) : environmentOfAccount(api, account, home);
      const desktop = kind === "own" ? undefined : kind === "session" ? USERS_DESKTOP : "";
      return { token, sid, label, desktop, environment, homeId, restrictions, profile };
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
    const { slow } = this.#parts;
    const sid = name.sid ?? (await sidOfName(slow, name.lookUp.replace(/^\.(?=\\)/, computerName())));
    return { ...withSid(name, sid), label: await nameOfSid(slow, sid) };
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

/**
 * Medium unless the manifest says otherwise: logons of services have the level System, above what other programs of the machine may touch.
 * LocalSystem, and a person's session, are given as they are.
 */
const withLevel = (asked: Restrictions, { kind, sid }: LoggedOnAccount): Restrictions =>
  asked.integrityLevel !== undefined || kind === "session" || sid === LOCAL_SYSTEM
    ? asked
    : { ...asked, integrityLevel: "Medium" };
