import { hasDeclared, writeDeclared } from "../../runs/declared-files.ts";
import type { InstanceFiles } from "../../runs/instance-files.ts";
import type { LaunchSpec } from "../../runtime.ts";
import type { Account } from "../accounts/account.ts";
import { PosixFileWriter } from "../files/file-writer.ts";
import { giveFolder } from "../process/give-folder.ts";

/** Writes the declared files of a copy for the account of its program, to which its folder is given first. Throws StartError. */
export function writeFiles({ homes }: InstanceFiles, spec: LaunchSpec, account: Account): void {
  if (!hasDeclared(homes, spec)) return;
  if (process.geteuid!() === 0) giveFolder(homes.work(spec.copy), account);
  writeDeclared(homes, spec, new PosixFileWriter(account));
}
