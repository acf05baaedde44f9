import { type PathTrust, pathTrust, posixJudge } from "../../../lib/path-trust.ts";

/**
 * Who could write what tells the daemon what to do (`--manifests`, `--config`), by the rules of this system: nobody but this account and the
 * administrators may.
 */
export async function inputTrust(): Promise<PathTrust> {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  if (uid !== undefined && gid !== undefined) return pathTrust(posixJudge({ uid, gid }));
  const [{ loadServiceApi }, { ownSid }, { windowsTrust }] = await Promise.all([
    import("../../../runtime/win32/ffi/service-api.ts"),
    import("../../../runtime/win32/service/own-account.ts"),
    import("../../../runtime/win32/trust/windows-trust.ts"),
  ]);
  const api = loadServiceApi();
  return windowsTrust(api, ownSid(api), "inputs");
}
