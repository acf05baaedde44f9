import type { Copy } from "../homes/copy.ts";
import type { InstanceFiles } from "../runs/instance-files.ts";
import type { LaunchSpec } from "../runtime.ts";

/** The home of a run, looked up once for all that a start does with it. */
export interface RunHome {
  readonly copy: Copy;
  readonly id: string;
  /** The folder that the copy has for itself. */
  readonly work: string;
}

/** The one that its Instance uses, else that of its copy, which need not be there yet. */
export function homeOfRun(files: InstanceFiles, { uid, copy: declared }: Pick<LaunchSpec, "uid" | "copy">): RunHome {
  const { homes } = files;
  const copy = files.copyOf(uid) ?? declared;
  return { copy, id: homes.id(copy), work: homes.work(copy) };
}
