/**
 * Requests that are made up from what the server publishes of itself. Every answer is a success that is as published, or a refusal with a Status; and when
 * all is deleted, the daemon is as it was. `FUZZ=100000 make test ONLY=test/fuzz` asks so many times; `FUZZ_SEED` names another run.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { eventually } from "../e2e/daemon-under-test.ts";
import type { Asker } from "./ask.ts";
import type { Footprint } from "./footprint.ts";
import { Lane } from "./lane.ts";
import type { Ground } from "./requests.ts";
import { editedNamespace, World } from "./world.ts";

const requests = Number(process.env.FUZZ ?? 800);
const seed = Number(process.env.FUZZ_SEED ?? 10);
const tell = (what: unknown): void => {
  if (process.env.FUZZ !== undefined) console.error(what);
};
const MIB = 1024 * 1024;
/**
 * What a daemon may keep of a run beside the history of its store, which has a bound of its own (16 MiB of JSON, 4 MiB for Events): code that was loaded and
 * compiled, and room for what comes next. The heap of 28 MB is 62 MB after 2,000 requests already, with 1.3 MB of history; heap snapshots, which collect what is
 * garbage, have 43 MB after 2,000 and 49 MB after 8,000, with all that was made still there: texts and objects (3), code (1), buffers of connections (1).
 */
const HEAP_FACTOR = 2;

const adminNamespaces = ["fuzz-0", "fuzz-1", "fuzz-2"];
const groundOf = (namespace: string): Ground => ({ namespaces: [namespace], isAdmin: true });
const fewRights: Ground = { namespaces: [editedNamespace], isAdmin: false };

describe(`${requests} requests made up from the OpenAPI of the server (FUZZ_SEED=${seed})`, () => {
  let world: World;
  let lanes: { lane: Lane; share: number }[];
  let base: Footprint;

  before(async () => {
    world = await World.start(adminNamespaces);
    const status = statusSchema();
    const asked: [name: string, asker: Asker, ground: Ground, share: number][] = [
      ["an administrator over HTTP/1.1", world.asAdmin("HTTP/1.1"), groundOf("fuzz-0"), 0.3],
      ["an administrator over HTTP/2", world.asAdmin("HTTP/2"), groundOf("fuzz-1"), 0.3],
      ["another administrator", world.asAdmin("HTTP/2"), groundOf("fuzz-2"), 0.15],
      ["an editor", await world.asEditor("HTTP/1.1"), fewRights, 0.1],
      ["a robot", await world.asRobot("HTTP/2"), fewRights, 0.1],
      ["a stranger", world.asStranger("HTTP/1.1"), fewRights, 0.03],
      ["a bad token", world.asStranger("HTTP/2", "fz.fz.fz"), fewRights, 0.02],
    ];
    lanes = asked.map(([name, asker, ground, share], index) => ({
      share,
      lane: new Lane({ name, asker, ground, operations: world.operations, status, seeds: [seed, index] }),
    }));
  });
  after(() => world.stop());

  const statusSchema = () => {
    const { components } = world.operations[0]!;
    return { components, schema: components.named("io.k8s.apimachinery.pkg.apis.meta.v1.Status")! };
  };

  it("are answered as published, or refused with a Status", async () => {
    base = await world.footprint();
    await Promise.all(lanes.map(({ lane, share }) => lane.run(0, Math.round(requests * share))));
    for (const { lane } of lanes) lane.close();
    const faults = lanes.flatMap(({ lane }) => lane.faults);
    if (faults.length > 0) console.error(`the daemon ${world.daemon.fate}: ${world.daemon.stderr.slice(-3000)}`);
    tell(summary(lanes.map(({ lane }) => lane)));
    assert.equal(faults.length, 0, `${faults.length} faults:\n\n${faults.join("\n\n")}`);
    assert.ok(!/"level":"error"|unhandled/.test(world.daemon.stderr), world.daemon.stderr.slice(-2000));
  });

  it("leave nothing behind when all that they made is deleted", async () => {
    await world.clean();
    const now = await eventually("the daemon is as it was", async () => {
      const found = await world.footprint();
      const isSmall = found.heapBytes - found.historyBytes <= HEAP_FACTOR * base.heapBytes + 16 * MIB;
      const isQuiet =
        found.streams === 0 && found.descriptors <= base.descriptors + 8 && found.threads <= base.threads + 2;
      const isEmpty = found.files <= base.files && found.cgroups <= base.cgroups;
      return isSmall && isQuiet && isEmpty && found;
    }).catch(async (error) => {
      console.error({ base, now: await world.footprint() });
      throw error;
    });
    tell({ base, now });
    assert.ok(world.isUntouched, `programs of others were disturbed:\n${world.disturbances.slice(-50).join("\n")}`);
  });
});

function summary(all: readonly Lane[]): string {
  const codes = new Map<string, number>();
  for (const { codes: own } of all) for (const [code, count] of own) codes.set(code, (codes.get(code) ?? 0) + count);
  return [...codes]
    .sort()
    .map(([code, count]) => `${code}: ${count}`)
    .join(", ");
}
