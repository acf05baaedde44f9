import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PortOwner } from "../../../runtime/ports/port-owner.ts";
import { OwnPortProbe } from "../../../runtime/probes/own-port-probe.ts";
import { failure, success } from "../../../runtime/probes/probe-results.ts";
import type { ProbeResult } from "../../../runtime/probes/prober.ts";

const { signal } = new AbortController();
const own = (sockets: string): PortOwner => ({ by: "own", sockets });
const nobody: PortOwner = { by: "nobody" };
const stranger: PortOwner = { by: "other", who: "pid 123 (x.exe)" };
const unknown: PortOwner = { by: "unknown", why: "no rights" };
const foreign = "80 is answered by pid 123 (x.exe), not by this instance";

/** Each look sees the next of these, each question gets an answer of 200 or the next of `answers`. */
function probe(looks: PortOwner[], answers: ProbeResult[] = []) {
  const asked = { times: 0 };
  const action = {
    run: async () => {
      asked.times++;
      return answers.shift() ?? success("fine");
    },
  };
  return { asked, looks, probe: new OwnPortProbe(action, 80, async () => looks.shift() ?? nobody) };
}

describe("a probe of a declared port", () => {
  for (const [what, looks, message] of [
    ["fails while a stranger listens", [stranger], foreign],
    ["fails when a stranger has taken the port between the look and the answer", [nobody, stranger], foreign],
    ["fails when a stranger joins the program", [own("1"), stranger], foreign],
    ["fails when whoever answered has gone", [nobody, nobody], "80 was answered, and nobody listens there any more"],
    ["fails when it is always another socket", [own("1"), own("2"), own("3")], "80 was opened anew while it was asked"],
  ] as [string, PortOwner[], string][]) {
    it(what, async () => assert.deepEqual(await probe(looks).probe.run(signal), failure(message)));
  }

  it("does not even ask a stranger", async () => {
    const { probe: one, asked } = probe([stranger]);
    await one.run(signal);
    assert.equal(asked.times, 0);
  });

  it("succeeds when the same sockets are its own before and after; from then on one look is enough", async () => {
    const { probe: one, looks } = probe([own("1"), own("1"), own("1"), stranger]);
    assert.deepEqual(await one.run(signal), success("fine"));
    assert.deepEqual(await one.run(signal), success("fine"));
    assert.equal(looks.length, 1);
    assert.deepEqual(await one.run(signal), failure(foreign));
  });

  it("asks again when a stranger may have answered before the program listened", async () => {
    const { probe: one, asked } = probe([nobody, own("1"), own("1")]);
    assert.deepEqual(await one.run(signal), success("fine"));
    assert.equal(asked.times, 2);
  });

  it("fails as before when nobody answers", async () => {
    const refused = failure("connect: connection refused");
    assert.deepEqual(await probe([nobody], [refused]).probe.run(signal), refused);
  });

  it("counts an answer where nobody can see whose the port is, and says so once", async () => {
    const { probe: one } = probe([unknown, unknown, unknown, unknown]);
    const warned = { ...success("it cannot be seen who answers at 80: no rights"), warning: true };
    assert.deepEqual(await one.run(signal), warned);
    assert.deepEqual(await one.run(signal), success("fine"));
  });
});
