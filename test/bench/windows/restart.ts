import { setTimeout as pause } from "node:timers/promises";
import { compared, milliseconds, quantile, type Result } from "../result.ts";
import { inFolder, type Scope } from "./programs.ts";
import { Nssm, type Supervisor, Wctl } from "./supervisor.ts";

/**
 * TerminateProcess on one child -> its successor's first instruction, beside nssm with one service per child. Both run at the same time and
 * take turns, so that whatever else the machine does meets both. nssm twice: as it comes, with a console for its child, as wctl gives one (a
 * Ctrl-C needs it); and without, for which it can't stop a console program gracefully.
 */
export async function restart({ sizes, rounds }: Scope): Promise<Result[]> {
  const results: Result[] = [];
  for (const n of sizes) {
    const [wctl, nssm, bare] = await inFolder((a) =>
      inFolder((b) =>
        inFolder((c) => successions([new Wctl(a), new Nssm(b), new Nssm(c, { AppNoConsole: 1 })], n, rounds)),
      ),
    );
    const [ours, theirs] = [wctl!, nssm!].map((taken) => quantile(taken, 0.5));
    results.push({
      ...compared("killed -> successor's first instruction, p50, beside nssm", "ms", ours!, theirs!, 0.7),
      n,
      notes: {
        rounds,
        p95: { wctl: quantile(wctl!, 0.95), nssm: quantile(nssm!, 0.95) },
        nssmWithoutConsole: { p50: quantile(bare!, 0.5), p95: quantile(bare!, 0.95) },
      },
    });
  }
  return results;
}

async function successions(supervisors: readonly Supervisor[], n: number, rounds: number): Promise<number[][]> {
  const taken: number[][] = supervisors.map(() => []);
  try {
    for (const supervisor of supervisors) {
      await supervisor.prepare(n);
      await supervisor.launch();
      await supervisor.ledger.next(0, n);
    }
    await pause(3_000); // The start is over.
    for (let round = 0; round < rounds; round++) {
      for (const [index, { ledger }] of supervisors.entries()) {
        taken[index]!.push(await succession(ledger, `c${round % n}`));
        await pause(100);
      }
    }
    return taken;
  } finally {
    for (const supervisor of supervisors) await supervisor.stop();
  }
}

async function succession(ledger: Supervisor["ledger"], id: string): Promise<number> {
  const from = ledger.entries.length;
  const killedAt = process.hrtime.bigint();
  process.kill(ledger.pids().get(id)!, "SIGKILL");
  const [successor] = await ledger.next(from, 1);
  return milliseconds(successor!.at - killedAt);
}
