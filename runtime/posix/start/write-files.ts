import { hasDeclared, noteTold, writeDeclared } from "../../runs/declared-files.ts";
import type { InstanceFiles } from "../../runs/instance-files.ts";
import type { RunRecord } from "../../runs/run-record.ts";
import { type LaunchFile, type LaunchSpec, StartError } from "../../runtime.ts";
import type { Account } from "../accounts/account.ts";
import { PosixFileWriter } from "../files/file-writer.ts";
import { giveFolder } from "../process/give-folder.ts";
import { accountOfRun } from "./account-of-run.ts";

/** Writes the declared files of a copy for the account of its program, to which its folder is given first. Throws StartError. */
export function writeFiles({ homes }: InstanceFiles, spec: LaunchSpec, account: Account): void {
  if (!hasDeclared(homes, spec)) return;
  if (process.geteuid!() === 0) giveFolder(homes.work(spec.copy), account);
  writeDeclared(homes, spec, new PosixFileWriter(account));
  noteTold(homes, spec.copy, spec.files ?? []); // It begins with them.
}

/** The same while the program runs, for the account that it was started as. Throws StartError. */
export function writeBeside(
  files: InstanceFiles,
  uid: string,
  record: RunRecord,
  declared: readonly LaunchFile[],
): void {
  const copy = files.copyOf(uid);
  if (!copy) throw new StartError("InvalidArgument", `${record.label} has no home yet; it has from its next start on`);
  const { workingDir } = record;
  writeDeclared(files.homes, { copy, workingDir, files: declared }, new PosixFileWriter(accountOfRun(record)));
}
