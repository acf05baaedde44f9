import type { Copy } from "../../homes/copy.ts";
import { fileVariables } from "../../runs/env-files.ts";
import { buildEnvironment } from "../../runs/environment.ts";
import type { RunProofs } from "../../runs/run-proofs.ts";
import { type LaunchSpec, StartError } from "../../runtime.ts";
import type { Account } from "../accounts/account.ts";
import { credentialsOf, resolveAccount } from "../accounts/run-as.ts";
import { readAs } from "../files/read-as.ts";
import type { Credentials } from "../launcher/launch-calls.ts";
import { baseEnvironment } from "../process/base-environment.ts";
import { giveFolder } from "../process/give-folder.ts";
import { resolveImage } from "../process/image.ts";
import type { StartContext } from "./start-context.ts";

/** Everything that can be decided before anything is done. */
export interface Launch {
  /** The program that the user named, as it was found. */
  image: string;
  argv: readonly string[];
  /** Absent: the daemon's own. */
  credentials?: Credentials;
  env: readonly string[];
  workingDir: string;
  isOwnFolder: boolean;
  account: Account;
}

/** `copy`: whose home the Instance has entered. Throws `StartError`. */
export function prepareLaunch(spec: LaunchSpec, context: StartContext, copy: Copy): Launch {
  const { users, files } = context;
  const account = resolveAccount(spec.runAs, () => users.of(spec.copy.owner));
  const image = resolveImage(spec.command);
  const nul = spec.args.findIndex((arg) => arg.includes("\0"));
  if (nul !== -1) throw new StartError("InvalidArgument", `args[${nul}] contains a NUL character`);
  const stateDir = files.homes.work(copy);
  giveToAccount(stateDir, account);
  const workingDir = spec.workingDir ?? stateDir;
  if (workingDir.includes("\0")) throw new StartError("InvalidArgument", "workingDir contains a NUL character");
  const credentials = credentialsOf(account);
  const argv = [spec.command, ...spec.args];
  const env = environmentOf(spec, account, context, stateDir);
  const isOwnFolder = workingDir === stateDir;
  return { image, argv, env, workingDir, isOwnFolder, account, ...(credentials && { credentials }) };
}

/** What our variables in the environment are made from. */
export interface Marks {
  readonly dataId: string;
  readonly proofs: RunProofs;
}

export function environmentOf(
  spec: LaunchSpec,
  account: Account,
  { dataId, proofs }: Marks,
  stateDir: string,
): string[] {
  const { uid, run } = spec;
  const proof = proofs.of({ uid, run, accountId: accountIdOf(account) });
  return buildEnvironment({
    base: spec.inheritEnvironment === "System" ? baseEnvironment(account) : {},
    declared: { ...fileVariables(spec.envFiles, (path, most) => readAs(path, account, most)), ...spec.env },
    stateDir,
    identity: { uid, run, dataId, proof },
  });
}

/** The form that the run record keeps. */
export const accountIdOf = ({ uid }: Account): string => String(uid);

/** Its copy may have had another account before. */
function giveToAccount(folder: string, account: Account): void {
  if (process.geteuid!() === 0) giveFolder(folder, account);
}
