/** P19: what the daemon holds is bounded by the objects there are, not by the objects there ever were. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { DaemonUnderTest, eventually } from "./daemon-under-test.ts";

const ROUNDS = 4;
const EACH = 15;

/** Every kind of thing that a workload costs: probes, a preStop, output of two streams, a run that fails and waits for its restart. */
const manifest = (round: number): string =>
  Array.from(
    { length: EACH },
    (_, n) => `apiVersion: wctl.dev/v1
kind: Process
metadata: {name: r${round}-p${n}}
spec:
  command: /bin/sh
  args: [-c, "echo out; echo err >&2; ${n % 4 === 0 ? "exit 3" : "exec sleep 1000"}"]
  livenessProbe: {exec: {command: [/bin/true]}, periodSeconds: 1}
  logs: {stderr: Separate}
  stop: {gracePeriodSeconds: 5, preStop: {exec: {command: [/bin/true]}}}`,
  ).join("\n---\n");

interface Held {
  descriptors: number;
  threads: number;
  folders: number;
}

function heldBy(daemon: DaemonUnderTest): Held {
  const process = `/proc/${daemon.pid}`;
  const open = readdirSync(`${process}/fd`).map((fd) => targetOf(`${process}/fd/${fd}`));
  return {
    // Connections are those of clients that are just leaving.
    descriptors: open.filter((target) => target !== undefined && !target.startsWith("socket:")).length,
    threads: Number(/^Threads:\s+(\d+)$/m.exec(readFileSync(`${process}/status`, "utf8"))?.[1]),
    folders: readdirSync(join(daemon.dataDir, "instances")).length,
  };
}

/** Undefined for what was closed since it was listed. */
function targetOf(descriptor: string): string | undefined {
  try {
    return readlinkSync(descriptor);
  } catch {
    return undefined;
  }
}

describe("churn", () => {
  it(`${ROUNDS} times ${EACH} processes come and go, and nothing of them stays`, async () => {
    const daemon = await DaemonUnderTest.start();
    try {
      const held: Held[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        await daemon.apply(manifest(round));
        await eventually(`all of round ${round} have run`, async () => {
          const { items } = await daemon.json("instances");
          return items.length === EACH && items.every(({ status }: { status?: { run?: number } }) => status?.run);
        });
        await daemon.ok("delete", "processes", "--all", "--timeout", "1h");
        await eventually("the instances are gone", async () => (await daemon.json("instances")).items.length === 0);
        held.push(heldBy(daemon));
      }
      const first = held[1]!; // The first round also pays for what is made once.
      await eventually(`it to hold no more than then: ${JSON.stringify(held)}`, () => {
        const { folders, threads, descriptors } = heldBy(daemon);
        return folders === 0 && threads === first.threads && descriptors <= first.descriptors;
      });
    } finally {
      await daemon.dispose();
    }
  });
});
