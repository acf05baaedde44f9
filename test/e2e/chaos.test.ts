/**
 * kill -9 of the daemon, at random moments while objects are applied, deleted and scaled: workloads that nobody touched keep their
 * pids (P1), none is started twice (P2), none is lost (P3), no acknowledged write is lost (P10).
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { processes } from "../../api/scheme.ts";
import type { Process } from "../../api/types.generated.ts";
import { randomFrom } from "../random.ts";
import { DaemonUnderTest, eventually, startTimeOf } from "./daemon-under-test.ts";

const rounds = Number(process.env.WCTL_CHAOS_ROUNDS ?? 20);
const seed = Number(process.env.WCTL_CHAOS_SEED ?? Math.floor(Math.random() * 2 ** 31));

interface Instance {
  metadata: { name: string; uid: string; deletionTimestamp?: string };
  status?: { pid?: number; ready?: boolean };
}

describe(`kill -9 of the daemon, ${rounds} times (WCTL_CHAOS_SEED=${seed})`, () => {
  const random = randomFrom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  let daemon: DaemonUnderTest;
  let witnesses: string;

  const manifest = (name: string, replicas: number): Process => ({
    apiVersion: "wctl.dev/v1",
    kind: "Process",
    metadata: { name, namespace: "default" },
    spec: {
      command: "/usr/bin/perl",
      args: [join(import.meta.dirname, "../fixtures/witness.pl"), witnesses],
      replicas,
      stop: { gracePeriodSeconds: 2 },
    },
  });
  const apply = (...manifests: Process[]): Promise<string> =>
    daemon.apply(manifests.map((one) => JSON.stringify(one)).join("\n---\n"));

  const instances = async (): Promise<Instance[]> => (await daemon.json("instances")).items;

  /** Every Process has exactly its replicas, ready, each with a live pid; nothing else is there. */
  const settled = (wanted: Map<string, number>): Promise<Map<string, string>> =>
    eventually("all instances ready, none besides", async () => {
      const all = await instances();
      const expected = [...wanted].flatMap(([name, replicas]) =>
        Array.from({ length: replicas }, (_, n) => `${name}-${n}`),
      );
      if (all.length !== expected.length || all.some((one) => !one.status?.ready || one.metadata.deletionTimestamp))
        return undefined;
      const identity = new Map<string, string>();
      for (const { metadata, status } of all) {
        const pid = status?.pid ?? 0;
        const startTime = startTimeOf(pid);
        if (startTime === undefined || !expected.includes(metadata.name)) return undefined;
        identity.set(metadata.name, `${pid} ${startTime}`);
      }
      return identity;
    });

  before(async () => {
    daemon = await DaemonUnderTest.start();
    witnesses = join(daemon.dir, "witnesses");
    mkdirSync(witnesses);
  });
  after(() => daemon.dispose());

  it("same pids, none twice, none lost, no acknowledged write lost", async () => {
    const wanted = new Map<string, number>(Array.from({ length: 5 }, (_, n) => [`steady-${n}`, 4] as const));
    for (let n = 0; n < 3; n++) wanted.set(`moving-${n}`, 2);
    await apply(...[...wanted].map(([name, replicas]) => manifest(name, replicas)));
    let pids = await settled(wanted);
    assert.equal(pids.size, 26);
    let next = 3;

    for (let round = 0; round < rounds; round++) {
      const moving = [...wanted.keys()].filter((name) => name.startsWith("moving-"));
      // What each command asks for; it holds when the command was acknowledged, may or may not hold otherwise.
      const scaled = { name: pick(moving), replicas: 1 + Math.floor(random() * 3) };
      const deleted = pick(moving.filter((name) => name !== scaled.name));
      const created = `moving-${next++}`;
      const client = await daemon.client();
      const scaling = { type: "merge", body: { spec: { replicas: scaled.replicas } } } as const;
      const commands = Promise.allSettled([
        client.patch(processes, `default/${scaled.name}`, scaling, { subresource: "scale" }),
        client.delete(processes, `default/${deleted}`, { propagation: "Foreground" }),
        client.create(processes, manifest(created, 2)),
      ]);
      await pause(random() * 150); // the moment is the experiment, not the oracle
      await daemon.end("SIGKILL");
      const [scale, remove, create] = await commands;
      client.close();
      await daemon.start();

      const stored: { metadata: { name: string; deletionTimestamp?: string }; spec: { replicas: number } }[] = (
        await daemon.json("processes")
      ).items;
      const now = new Map(
        stored.map(({ metadata, spec }) => [
          metadata.name,
          { replicas: spec.replicas, deleting: metadata.deletionTimestamp !== undefined },
        ]),
      );
      const told = `round ${round}`;
      if (scale.status === "fulfilled")
        assert.equal(now.get(scaled.name)?.replicas, scaled.replicas, `${told}: acknowledged scale is lost`);
      if (remove.status === "fulfilled")
        assert.ok(!now.has(deleted) || now.get(deleted)?.deleting, `${told}: acknowledged delete is lost`);
      if (create.status === "fulfilled") assert.ok(now.has(created), `${told}: acknowledged create is lost`);

      // What is stored now is what must come true.
      for (const name of moving) wanted.delete(name);
      for (const [name, { replicas, deleting }] of now) if (!deleting) wanted.set(name, replicas);
      const before = pids;
      pids = await settled(wanted);
      for (const [name, identity] of before) {
        const touched = [scaled.name, deleted].some((process) => name.startsWith(`${process}-`));
        if (!touched) assert.equal(pids.get(name), identity, `${told}: ${name} is not the process it was`);
      }
      while ([...wanted.keys()].filter((name) => name.startsWith("moving-")).length < 3) {
        const name = `moving-${next++}`;
        await apply(manifest(name, 2));
        wanted.set(name, 2);
      }
      pids = await settled(wanted);
    }

    const ledger = readFileSync(join(witnesses, "ledger"), "utf8").trimEnd().split("\n");
    assert.deepEqual(
      ledger.filter((line) => line.startsWith("TWICE")),
      [],
    );
    assert.ok(ledger.length >= 26);
    // Everything that was started and is not wanted any more has ended.
    const alive = ledger.map((line) => Number(line.split(" ")[2])).filter((pid) => isWitness(pid));
    assert.equal(alive.length, pids.size);
  });

  const isWitness = (pid: number): boolean => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(witnesses) && startTimeOf(pid) !== undefined;
    } catch {
      return false;
    }
  };
});
