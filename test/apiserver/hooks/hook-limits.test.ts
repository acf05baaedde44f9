import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isReason } from "../../../api/errors.ts";
import { HookLimits } from "../../../apiserver/hooks/hook-limits.ts";
import { FakeClock } from "../../lib/fake-clock.ts";

const isTooMany = (error: unknown): boolean => isReason(error, "TooManyRequests");
const make = () => {
  const clock = new FakeClock();
  return { clock, limits: new HookLimits(clock) };
};

describe("the limits of hooks", () => {
  it("let four deliveries of an address for one source in at once, and the next when one has gone", () => {
    const { limits } = make();
    const leaves = [1, 2, 3, 4].map(() => limits.enter("one", "default/web"));
    assert.throws(() => limits.enter("one", "default/web"), isTooMany);
    leaves[0]?.();
    limits.enter("one", "default/web");
    limits.enter("one", "default/other");
  });

  it("keep nobody from a source for whose sake strangers hold on to it", () => {
    const { limits } = make();
    for (const stranger of ["one", "two"]) for (let n = 0; n < 4; n++) limits.enter(stranger, "default/web");
    limits.enter("another", "default/web");
  });

  it("leave room for others, however many one address has in flight", () => {
    const { limits } = make();
    let mine = 0;
    assert.throws(() => {
      for (; ; mine++) limits.enter("one", `default/${mine}`);
    }, isTooMany);
    assert.equal(mine, 16);
    limits.enter("another", "default/x");
  });

  it("bound what all have in flight together", () => {
    const { limits } = make();
    let all = 0;
    for (let n = 0; n < 200; n++) {
      try {
        limits.enter(`peer-${n}`, `default/${n}`);
        all++;
      } catch {}
    }
    assert.ok(all <= 32 && all >= 16, String(all));
  });

  it("slow down who asks too fast, and nobody else; who rests may ask again", () => {
    const { clock, limits } = make();
    const ask = (peer: string): void => limits.enter(peer, "default/web")();
    for (let n = 0; n < 250; n++) ask("one");
    assert.throws(() => ask("one"), isTooMany);
    ask("another");
    clock.advance(100);
    ask("one");
  });

  it("slow all down together", () => {
    const { clock, limits } = make();
    const ask = (n: number): void => limits.enter(`peer-${n}`, "default/web")();
    for (let n = 0; n < 500; n++) ask(n);
    assert.throws(() => ask(500), isTooMany);
    clock.advance(20);
    ask(501);
    assert.throws(() => ask(502), isTooMany);
  });

  it("count against a source only what was signed", () => {
    const { clock, limits } = make();
    for (let n = 0; n < 200; n++) limits.enter("stranger", "default/web")();
    for (let n = 0; n < 20; n++) limits.accept("default/web");
    assert.throws(() => limits.accept("default/web"), isTooMany);
    limits.accept("default/other");
    clock.advance(1_000);
    limits.accept("default/web");
  });
});
