import type { Client } from "../../../api/client.ts";
import { type RolloutState, rolloutState } from "../../../api/health/rollout-state.ts";
import { type Key, type Stored, splitKey } from "../../../api/object.ts";
import { processes } from "../../../api/scheme.ts";
import type { Process } from "../../../api/types.generated.ts";
import type { Clock } from "../../../lib/clock.ts";
import { follow } from "../watching/follow.ts";

/**
 * Follows the rollouts of these Processes until all are over, or the signal aborts; resolves with the last state of each.
 * `tell` hears every change of words. One that is deleted meanwhile has failed. One watch per namespace.
 */
export async function untilRolledOut(
  client: Client,
  keys: readonly Key[],
  options: {
    signal: AbortSignal;
    clock: Clock;
    tell: (key: Key, state: RolloutState) => Promise<void>;
    isOver: (state: RolloutState) => boolean;
  },
): Promise<Map<Key, RolloutState>> {
  const states = new Map<Key, RolloutState>();
  const seen = new Map<Key, Stored<Process> | undefined>();
  const byNamespace = Map.groupBy(keys, (key) => splitKey(key).namespace ?? "");
  const followOne = async ([namespace, members]: readonly [string, readonly Key[]]): Promise<void> => {
    const isOver = (key: Key): boolean => states.has(key) && options.isOver(states.get(key)!);
    const only = members.length === 1 ? { fieldSelector: `metadata.name=${splitKey(members[0]!).name}` } : {};
    for await (const present of follow(client, processes, { namespace, ...only }, options)) {
      for (const key of members) {
        const process = present.get(key);
        const before = states.get(key);
        if (before && seen.get(key) === process) continue;
        seen.set(key, process);
        const state = process ? rolloutState(process) : deleted(key);
        states.set(key, state);
        if (before?.message === state.message && before.progress === state.progress) continue;
        await options.tell(key, state);
      }
      if (members.every(isOver)) return;
    }
  };
  await Promise.all([...byNamespace].map(followOne));
  return states;
}

function deleted(key: Key): RolloutState {
  const message = `process "${splitKey(key).name}" has been deleted`;
  return { message, progress: message, why: "it has been deleted", done: true, failed: true };
}
