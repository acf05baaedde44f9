import type { Supervisor } from "../supervisor.ts";

/** A program and its arguments, as a person would type them. */
export interface Command {
  file: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
}

/** What a supervisor does for the table beside keeping its children alive. What it can't do is left out of the table. */
export interface Managed {
  /** Shows the state of all of them. */
  status?(): Command;
  /** Writes another definition of one of them to the disk; answers with the commands that make it so. */
  edit?(label: string): Command[];
}

export type Peer = Supervisor & Managed;

/** Where the programs of a package are: in the folder into which it was unpacked, or those of this machine. */
export interface Installed {
  program(name: string): string;
  /** With which its programs find each other. */
  env: NodeJS.ProcessEnv;
}

/** What the child of this number needs to know. */
export const environmentOf = (peer: Peer, index: number, label = "first"): Record<string, string> => ({
  BENCH_LEDGER: peer.ledger.path,
  BENCH_ID: `c${index}`,
  BENCH_LABEL: label,
});
