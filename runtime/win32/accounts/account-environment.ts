import { win32 } from "node:path";
import type { Winapi } from "../ffi/winapi.ts";
import { baseEnvironment } from "../process/base-environment.ts";
import { LOCAL_SERVICE, NETWORK_SERVICE } from "../security/sid.ts";
import type { LoggedOnAccount } from "./logged-on-account.ts";

/** Where Windows keeps the profiles of the accounts that its services share, below SystemRoot. */
const SHARED: Readonly<Record<string, string>> = {
  [LOCAL_SERVICE]: "ServiceProfiles\\LocalService",
  [NETWORK_SERVICE]: "ServiceProfiles\\NetworkService",
};

/**
 * The variables that an account finds when it logs on. It gets its own only where they are its own: every program that ever runs as LocalService or
 * NetworkService can write theirs, so these accounts get the machine's variables, and where their folders are. The account of a Process has no
 * profile: its folders are in that of the instance, and nothing of it stays elsewhere.
 */
export function environmentOfAccount(
  api: Winapi,
  { token, sid, kind, user, label }: LoggedOnAccount,
  home: string,
): Readonly<Record<string, string>> {
  if (kind === "process") {
    return {
      ...baseEnvironment(api),
      ...foldersIn(home, home, home),
      USERNAME: user,
      USERDOMAIN: label.split("\\", 1)[0]!,
    };
  }
  const shared = SHARED[sid];
  if (shared === undefined) return baseEnvironment(api, token.handle);
  const machine = baseEnvironment(api);
  const profile = win32.join(machine.SystemRoot ?? "C:\\Windows", shared);
  const [roaming, local] = [win32.join(profile, "AppData", "Roaming"), win32.join(profile, "AppData", "Local")];
  return { ...machine, ...foldersIn(profile, roaming, local), ...temporary(win32.join(local, "Temp")) };
}

function foldersIn(profile: string, roaming: string, local: string): Record<string, string> {
  const { root } = win32.parse(profile);
  return {
    USERPROFILE: profile,
    HOMEDRIVE: root.replace(/\\$/, ""),
    HOMEPATH: profile.slice(Math.max(0, root.length - 1)),
    APPDATA: roaming,
    LOCALAPPDATA: local,
    ...temporary(local),
  };
}

const temporary = (folder: string): Record<string, string> => ({ TEMP: folder, TMP: folder });
