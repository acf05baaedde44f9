import { userInfo } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../../lib/clock.ts";
import { namesIn } from "../../../lib/names-in.ts";
import { fileConstants } from "../ffi/file-constants.ts";
import type { Winapi } from "../ffi/winapi.ts";
import { removeTree } from "../files/remove-tree.ts";

/**
 * Removes the native libraries that the program has unpacked (`lib/embedded-file.ts`): from the profile of LocalSystem, from the template of new
 * profiles (where earlier versions put them), and from the profile of the account that runs this. Windows can't remove a library that is loaded, as
 * ours is now; it removes that one at the next boot.
 */
export async function removeUnpackedAddons(
  api: Winapi,
  clock: Clock,
  profile: string = userInfo().homedir,
): Promise<void> {
  const own = join(profile, "AppData", "Local", "wctl");
  const system = systemDirectory(api);
  const others = [
    join(system, "config", "systemprofile", "AppData", "Local", "wctl"),
    join(system.slice(0, 3), "Users", "Default", "wctl"),
  ].filter((folder) => folder.toLowerCase() !== own.toLowerCase());
  for (const folder of others) await removeTree(api, folder, clock);
  const native = join(own, "native");
  for (const path of [...namesIn(native).map((name) => join(native, name)), native, own]) {
    api.MoveFileExW(path, null, fileConstants.MOVEFILE_DELAY_UNTIL_REBOOT);
  }
}

function systemDirectory(api: Winapi): string {
  const path = Buffer.alloc(1024);
  return path.toString("utf16le", 0, api.GetSystemDirectoryW(path, path.length / 2) * 2);
}
