import { setTimeout as pause } from "node:timers/promises";
import { withEach } from "../bodies.ts";
import { inTurn } from "../in-turn.ts";
import { restartOf } from "../measures/restart.ts";
import { allBack } from "../measures/storm.ts";
import { milliseconds } from "../result.ts";
import { untilQuiet } from "../until-quiet.ts";
import { coldStart } from "./cold-start.ts";
import type { Peer } from "./peer.ts";
import { type Makers, type PeersMeasure, type PeersScope, run } from "./peers-measure.ts";
import { type Row, row } from "./row.ts";

/** What is measured of all of them, in rounds in which each has its turn. */
export const peersMeasures: Record<string, PeersMeasure> = { restart, storm, edit, memory, "cold-start": coldStart };

/**
 * The next one's turn is its own; but some are never quite quiet. Being quiet takes a second and a half: so long a child has lived before it dies, and no runsv
 * waits a second because it had not.
 */
const QUIET_AT_LAST_MS = 5_000;

async function restart(makers: Makers, { living: n, rounds }: PeersScope): Promise<Row[]> {
  const taken = await alive(makers, n, (running) =>
    inTurn(Object.keys(running), rounds, (who, turn) => restartOf(running[who]!, `c${turn % n}`)),
  );
  return [row("kill -9 of one -> its successor's first instruction", "ms", n, taken)];
}

async function storm(makers: Makers, { living: n, pairs }: PeersScope): Promise<Row[]> {
  const taken = await alive(makers, n, (running) =>
    inTurn(Object.keys(running), pairs, async (who) => {
      const took = await allBack(running[who]!, n);
      await untilQuiet(running[who]!, QUIET_AT_LAST_MS);
      return took;
    }),
  );
  return [row("all killed at once -> all back", "ms", n, taken)];
}

/** From what a person types after the edit to the new copy's first instruction. */
async function edit(makers: Makers, { living: n, pairs }: PeersScope): Promise<Row[]> {
  const taken = await alive(makers, n, (running) => {
    const able = Object.keys(running).filter((who) => running[who]!.edit !== undefined);
    return inTurn(able, pairs + 1, async (who, turn) => {
      const peer = running[who]!;
      const commands = peer.edit!(`turn ${turn}`);
      const from = peer.ledger.entries.length;
      const began = process.hrtime.bigint();
      for (const command of commands) await run(command);
      const [started] = await peer.ledger.next(from, 1);
      await untilQuiet(peer, QUIET_AT_LAST_MS);
      return milliseconds(started!.at - began);
    });
  });
  // The first is another: a file that was not there, a cache that was cold.
  const later = Object.entries(taken).map(([who, times]) => [who, times.slice(1)] as const);
  return [row("one edited and applied -> new copy's first instruction", "ms", n, Object.fromEntries(later))];
}

async function memory(makers: Makers, { living: n, settleSeconds }: PeersScope): Promise<Row[]> {
  const taken = await alive(makers, n, async (running) => {
    await pause(settleSeconds * 1000);
    return inTurn(Object.keys(running), 1, async (who) => running[who]!.pssMiB());
  });
  return [row(`memory (PSS) ${settleSeconds} s after the start`, "MiB", n, taken)];
}

const alive = <T>(makers: Makers, n: number, act: (running: Record<string, Peer>) => Promise<T>): Promise<T> =>
  withEach(Object.keys(makers), (name) => makers[name]!(), { count: n }, act);
