import type { Result } from "./result.ts";
import type { Programs } from "./supervisor.ts";

export interface Scope {
  /** Of the load: how many children. */
  sizes: number[];
  /** Of single deaths. */
  rounds: number;
  /** How often each takes its turn where one turn is long: a whole start, or the death of all. */
  pairs: number;
  idleSeconds: number;
  /** The load that shall settle soon. */
  many: number;
}

export type Measure = (programs: Programs, scope: Scope) => Promise<Result[]>;
