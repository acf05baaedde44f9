import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { AgentWorld } from "../agent-world.ts";

/** What an earlier daemon has judged and told is not told again by the next one, nor taken for what happened after it. */
describe("the end of a run, over a restart of the daemon", () => {
  let world: AgentWorld;
  beforeEach(async () => {
    world = await AgentWorld.make();
    await world.create("web-0");
  });
  const nextDaemon = async (): Promise<void> => {
    await world.loseAgent();
    await world.startAgent();
  };
  const stopDaemon = async (): Promise<void> => {
    const ended = world.agent.shutdown();
    await world.settle();
    assert.deepEqual(await ended, []);
  };
  const exits = async (): Promise<string[]> =>
    (await world.messages("web-0")).filter((message) => /^run \d+ ended/.test(message));

  it("is told once when the daemon stopped it as it went down itself", async () => {
    await stopDaemon();
    assert.deepEqual(await exits(), ["run 1 ended: SIGTERM"]);
    await nextDaemon();
    const { phase, run, lastState, backoff } = await world.status("web-0");
    assert.deepEqual([phase, run, lastState?.terminated?.reason, backoff?.failures], ["Ready", 2, "DaemonStopped", 0]);
    assert.deepEqual(await exits(), ["run 1 ended: SIGTERM"]);
    await world.loseAgent();
  });

  it("is the program's own when it fails after that, while no daemon is there", async () => {
    await stopDaemon();
    await nextDaemon();
    await world.loseAgent();
    (await world.process("web-0")).end({ code: 3 });
    await world.startAgent();
    assert.deepEqual(await exits(), ["run 1 ended: SIGTERM", "run 2 ended: exit code 3"]);
    const { lastState, backoff } = await world.status("web-0");
    assert.deepEqual([lastState?.terminated?.reason, backoff?.failures], ["Error", 1]);
    await world.loseAgent();
  });
});
