import { readFileSync } from "node:fs";
import { join } from "node:path";
import { constants } from "../../runtime/win32/ffi/constants.ts";
import { loadWinapi } from "../../runtime/win32/ffi/winapi.ts";
import { HeldProcess } from "../../runtime/win32/process/held-process.ts";
import { systemProcesses } from "../../runtime/win32/process/system-processes.ts";
import { eventually } from "../eventually.ts";
import { readMarker } from "./process-environment.ts";

const LOOK_INTO = constants.SYNCHRONIZE | constants.PROCESS_QUERY_INFORMATION | constants.PROCESS_VM_READ;

/** Living processes of a data directory by uid: the operating system's word, not the runtime's. */
export function living(dataDir: string): Map<string, number[]> {
  const dataId = readFileSync(join(dataDir, "data-id"), "utf8").trim();
  const api = loadWinapi();
  const found = new Map<string, number[]>();
  for (const { pid, image } of systemProcesses(api)) {
    const held = pid === 0 || image === "conhost.exe" ? undefined : HeldProcess.open(api, pid, LOOK_INTO);
    if (!held) continue;
    const identity = held.hasEnded ? undefined : readMarker(api, held.handle);
    if (identity?.dataId === dataId) found.set(identity.uid, [...(found.get(identity.uid) ?? []), pid]);
    held.close();
  }
  return found;
}

/** Once each; a console that is being created has no name for a moment, and looks like its program. */
export async function livingOnce(dataDir: string): Promise<Map<string, number[]>> {
  let alive = living(dataDir);
  await eventually(
    () => {
      alive = living(dataDir);
      return [...alive.values()].every((list) => list.length === 1);
    },
    `nothing lives twice: ${JSON.stringify([...alive].filter(([, list]) => list.length > 1))}`,
  );
  return alive;
}
