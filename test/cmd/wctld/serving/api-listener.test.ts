import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UsageError } from "../../../../cmd/wctld/config/options.ts";
import { ApiListener } from "../../../../cmd/wctld/serving/api-listener.ts";
import { silentLogger } from "../../../../lib/logger.ts";
import { FakeClock } from "../../../lib/fake-clock.ts";

const error = (code: string): Error => Object.assign(new Error(code), { code });

const HOLDER = "pid 7 (/usr/bin/nc) of uid 1000";

function world() {
  const clock = new FakeClock();
  const seen: string[] = [];
  const system = { fails: "EADDRINUSE" as string | undefined, holder: HOLDER as string | undefined, tries: 0 };
  const listener = new ApiListener({
    listen: { host: "127.0.0.1", port: 7443 },
    open: async () => {
      system.tries++;
      if (system.fails) throw error(system.fails);
      return { url: "https://127.0.0.1:7443" };
    },
    holder: async () => system.holder,
    opened: async (url) => void seen.push(`open ${url}`),
    shut: (why) => void seen.push(why),
    clock,
    logger: silentLogger,
  });
  return { clock, seen, system, listener };
}

const taken = (by: string): string =>
  `--listen: 127.0.0.1:7443 is in use by another program, ${by}; choose another port, or 0 for a free one`;

describe("the listener of the API", () => {
  it("says who has the port, and what to do", async () => {
    const { listener, system } = world();
    await assert.rejects(listener.open(), { message: taken(HOLDER) });
    system.fails = "EADDRNOTAVAIL";
    await assert.rejects(listener.open(), UsageError);
    system.fails = undefined;
    assert.equal(await listener.open(), "https://127.0.0.1:7443");
  });

  it("does not say that somebody has the port who may be gone by now", async () => {
    const { listener, system } = world();
    system.holder = undefined;
    await assert.rejects(listener.open(), { message: taken("or was a moment ago") });
  });

  it("is tried for ever, more and more seldom, and opens when the port is free; each reason is said once", async () => {
    const { clock, seen, system, listener } = world();
    const why: Error = await listener.open().then(
      () => assert.fail(),
      (one) => one,
    );
    listener.keepTrying(why);
    await clock.advanceAsync(3_600_000);
    assert.deepEqual(seen, [taken("pid 7 (/usr/bin/nc) of uid 1000")]);
    assert.ok(system.tries > 200 && system.tries < 300, String(system.tries));
    system.holder = "pid 8";
    await clock.advanceAsync(15_000);
    system.fails = "EADDRNOTAVAIL"; // An address that comes up late is one too.
    await clock.advanceAsync(15_000);
    system.fails = undefined;
    await clock.advanceAsync(15_000);
    assert.equal(seen.length, 4);
    assert.equal(seen[1], taken("pid 8"));
    assert.equal(seen.at(-1), "open https://127.0.0.1:7443");
    const { tries } = system;
    await clock.advanceAsync(3_600_000);
    assert.equal(system.tries, tries);
  });

  it("is let go of at once when the daemon stops", async () => {
    const { clock, system, listener } = world();
    listener.keepTrying(new Error("taken"));
    await clock.advanceAsync(100);
    await listener.close();
    system.fails = undefined;
    await clock.advanceAsync(3_600_000);
    assert.deepEqual([system.tries, clock.pending], [0, 0]);
  });
});
