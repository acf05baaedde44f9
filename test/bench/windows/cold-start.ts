import { milliseconds, type Result, round } from "../result.ts";
import { inFolder, type Scope } from "./programs.ts";
import { Nssm, Wctl } from "./supervisor.ts";

/** Launch of the daemon on a new data directory -> all children started, and all shown as ready; beside the services of nssm, started one by one. */
export async function coldStart({ coldStart }: Scope): Promise<Result[]> {
  const wctl = await inFolder((folder) => startWctl(new Wctl(folder), coldStart.wctl));
  const nssm = await inFolder((folder) => startNssm(new Nssm(folder), coldStart.nssm));
  const [ours, theirs] = [wctl.started / coldStart.wctl, nssm / coldStart.nssm];
  return [
    {
      what: "cold start: launch of wctl.exe -> the last child's first instruction",
      n: coldStart.wctl,
      unit: "ms",
      wctl: round(wctl.started),
      target: "reported",
      isMet: true,
      notes: { allReadyAndDurable: round(wctl.durable), daemonReady: round(wctl.ready) },
    },
    {
      what: "the same for one child (the daemon's own start included), beside nssm's services asked to start one by one",
      unit: "ms",
      wctl: round(ours),
      floor: round(theirs),
      ratio: round(ours / theirs),
      target: "reported",
      isMet: true,
      notes: { children: coldStart, nssmAll: round(nssm) },
    },
  ];
}

async function startWctl(wctl: Wctl, count: number): Promise<{ ready: number; started: number; durable: number }> {
  try {
    await wctl.prepare(count);
    const launchedAt = process.hrtime.bigint();
    const since = (at: bigint): number => milliseconds(at - launchedAt);
    await wctl.launch();
    const ready = since(process.hrtime.bigint());
    const started = await wctl.ledger.next(0, count, 300_000);
    await wctl.untilDurable();
    const durable = since(process.hrtime.bigint());
    return { ready, started: since(started.at(-1)!.at), durable };
  } finally {
    await wctl.stop();
  }
}

async function startNssm(nssm: Nssm, count: number): Promise<number> {
  try {
    await nssm.prepare(count);
    const launchedAt = process.hrtime.bigint();
    await nssm.launch();
    const started = await nssm.ledger.next(0, count, 300_000);
    return milliseconds(started.at(-1)!.at - launchedAt);
  } finally {
    await nssm.stop();
  }
}
