import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";

/**
 * Of /etc/machine-id, which wants to stay on its machine (machine-id(5)). Undefined in a container, which may have another one when it is made anew on
 * the same volume, and is no other machine.
 */
export function linuxMachine(): string | undefined {
  const isContainer = ["/.dockerenv", "/run/.containerenv", "/run/systemd/container"].some((file) => existsSync(file));
  if (isContainer || isInCluster()) return undefined;
  try {
    const id = readFileSync("/etc/machine-id", "utf8").trim();
    return /^[0-9a-f]{32}$/.test(id) ? hashOf(id) : undefined;
  } catch {
    return undefined;
  }
}

/** Of the GUID that Windows' setup gives to a machine, and sysprep to each clone. Undefined in a container, whose image has it. */
export function windowsMachine(guid: string | undefined, isContainer: boolean): string | undefined {
  return guid === undefined || isContainer || isInCluster() ? undefined : hashOf(guid.toLowerCase());
}

const isInCluster = (): boolean =>
  process.env.KUBERNETES_SERVICE_HOST !== undefined || process.env.container !== undefined;

/** Ids of machines are not for other programs to read (machine-id(5)). */
const hashOf = (id: string): string => createHash("sha256").update(`wctl ${id}`).digest("hex");
