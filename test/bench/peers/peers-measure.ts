import { execa } from "execa";
import type { Command, Peer } from "./peer.ts";
import type { Row } from "./row.ts";

export interface PeersScope {
  sizes: number[];
  /** For what is done to those that already run. */
  living: number;
  rounds: number;
  pairs: number;
  settleSeconds: number;
}

/** A new one of each, by name. */
export type Makers = Record<string, () => Peer>;
export type PeersMeasure = (makers: Makers, scope: PeersScope) => Promise<Row[]>;

export const run = ({ file, args, env }: Command): Promise<unknown> =>
  execa(file, args, env === undefined ? {} : { env });
