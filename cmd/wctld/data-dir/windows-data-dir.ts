import { loadServiceApi, type ServiceApi } from "../../../runtime/win32/ffi/service-api.ts";
import { ensureProtectedFolder, FolderNotTrusted } from "../../../runtime/win32/trust/protected-folder.ts";
import { DataDirNotTrusted } from "./data-dir.ts";

/**
 * Makes the data directory, or refuses one that others could have made, can read or can exchange: whichever way the daemon is started, in
 * the foreground or as the service. Throws DataDirNotTrusted, ServiceError.
 */
export function prepareWindowsDataDir(dataDir: string, api: ServiceApi = loadServiceApi()): void {
  try {
    ensureProtectedFolder(api, dataDir);
  } catch (error) {
    if (error instanceof FolderNotTrusted) throw new DataDirNotTrusted(`--data-dir: ${error.message}`);
    throw error;
  }
}
