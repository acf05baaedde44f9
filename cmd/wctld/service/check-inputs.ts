import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { ServiceApi } from "../../../runtime/win32/ffi/service-api.ts";
import { LOCAL_SYSTEM } from "../../../runtime/win32/security/sid.ts";
import { ownSid } from "../../../runtime/win32/service/own-account.ts";
import { makeProtected } from "../../../runtime/win32/trust/protected-folder.ts";
import { windowsTrust } from "../../../runtime/win32/trust/windows-trust.ts";
import { KEEP_IT_SAFE } from "../config/config.ts";
import { UsageError } from "../config/options.ts";

type Inputs = Partial<Record<"manifests" | "config", string | undefined>>;

/**
 * Checks, at installation, what will tell the service what to do; makes a missing folder of manifests for SYSTEM and Administrators. Throws
 * UsageError when strangers could write to an input that is `named` now. Returns warnings about inputs that the service, as LocalSystem, will not
 * read: those that only the installing account trusts, and those of an earlier installation, since an upgrade must not fail halfway for them.
 */
export function warningsAboutInputs(
  api: ServiceApi,
  { manifests, config }: Inputs,
  named: Inputs = { manifests, config },
): string[] {
  if (manifests !== undefined && !existsSync(manifests)) makeProtected(api, manifests);
  const self = ownSid(api);
  return Object.entries({ manifests, config }).flatMap(([flag, path]) => {
    if (path === undefined) return [];
    const why = windowsTrust(api, self, "inputs").ofPath(path);
    if (why !== undefined && named[flag as keyof Inputs] === undefined)
      return [`--${flag}, as it was installed: the service will not read it: ${why}: ${KEEP_IT_SAFE}`];
    if (why !== undefined)
      throw new UsageError(`--${flag}: ${why}: ${KEEP_IT_SAFE}, as C:\\ProgramData\\wctl\\manifests`);
    const later = windowsTrust(api, LOCAL_SYSTEM, "inputs").ofPath(path);
    return later === undefined ? [] : [`--${flag}: a service that runs as LocalSystem will not read it: ${later}`];
  });
}

/** Warns when others than administrators could exchange the program that is about to run as SYSTEM. */
export function warningsAboutProgram(api: ServiceApi, program: string): string[] {
  const trust = windowsTrust(api, LOCAL_SYSTEM, "inputs");
  const why = trust.ofPath(dirname(program)) ?? trust.ofEntry(program); // Who may add a file to its folder may add a library that it loads.
  if (why === undefined) return [];
  return [`${program} is no safe place for a program that runs as SYSTEM: ${why}; put it into Program Files`];
}
