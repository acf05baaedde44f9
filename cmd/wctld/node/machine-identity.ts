import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { version } from "node:os";

/** What tells a machine, and this boot of it, from others, in the fields of a Node. What nobody knows is empty, since typed clients insist on a text. */
export interface MachineIdentity {
  machineID: string;
  systemUUID: string;
  bootID: string;
  osImage: string;
}

export const linuxIdentity = (): MachineIdentity => ({
  ...idsFrom(textOf("/etc/machine-id")),
  bootID: textOf("/proc/sys/kernel/random/boot_id"),
  osImage: prettyName(textOf("/etc/os-release")) ?? version(),
});

/** `guid`: of the machine. `boot`: Windows counts them. */
export const windowsIdentity = (guid: string | undefined, boot: number | undefined): MachineIdentity => ({
  ...idsFrom((guid ?? "").toLowerCase()),
  bootID: boot === undefined ? "" : String(boot),
  osImage: version(),
});

/**
 * Made from the id of the machine, which is not for everybody to read (machine-id(5)) while a Node is; and not the way in which a data directory
 * knows its machine (`data-dir/machine.ts`).
 */
function idsFrom(id: string): Pick<MachineIdentity, "machineID" | "systemUUID"> {
  if (id === "") return { machineID: "", systemUUID: "" };
  const machineID = createHash("sha256").update(`wctl node ${id}`).digest("hex").slice(0, 32);
  return { machineID, systemUUID: machineID.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-") };
}

/** os-release(5). */
const prettyName = (text: string): string | undefined => /^PRETTY_NAME=["']?([^"'\n]+)/m.exec(text)?.[1];

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}
