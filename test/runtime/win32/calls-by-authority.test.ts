/** One domain controller that does not answer holds up its own accounts, and nobody else (P16). */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { authorityOfName, authorityOfSid, LOCAL } from "../../../runtime/win32/accounts/authority.ts";
import { computerName } from "../../../runtime/win32/accounts/computer-name.ts";
import type { BlockingCalls, BlockingResult } from "../../../runtime/win32/blocking-calls.ts";
import { CallsByAuthority } from "../../../runtime/win32/calls-by-authority.ts";

/** Threads that make one call after the other; a call to a domain in `silent` gets no answer until it is taken out. */
function world() {
  const silent = new Map<string, () => void>();
  const threads: BlockingCalls[] = [];
  const make = (): BlockingCalls => {
    let last: Promise<unknown> = Promise.resolve();
    const answer = async (authority: string): Promise<BlockingResult> => {
      if (silent.has(authority)) await new Promise<void>((resolve) => silent.set(authority, resolve));
      return { value: 1, code: threads.indexOf(thread) };
    };
    const thread: BlockingCalls = {
      call: (authority) => {
        const mine = last.then(() => answer(authority));
        last = mine;
        return mine;
      },
      close: async () => void (await last),
    };
    threads.push(thread);
    return thread;
  };
  const calls = new CallsByAuthority(make);
  const ask = (authority: string): Promise<BlockingResult> => calls.call(authority, "LookupAccountNameW", [] as never);
  return { silent, threads, calls, ask };
}

describe("slow calls", () => {
  it("of this machine and of other domains go on while one domain does not answer", async () => {
    const { silent, calls, ask } = world();
    silent.set("gone.example", () => {});
    const stuck = ask("gone.example");
    const behind = ask("gone.example");
    const answered = await Promise.all([ask(LOCAL), ask("there.example"), ask(LOCAL)]);
    assert.deepEqual(
      answered.map(({ value }) => value),
      [1, 1, 1],
    );
    const release = silent.get("gone.example")!;
    silent.delete("gone.example");
    release();
    await Promise.all([stuck, behind]);
    await calls.close();
  });

  it("take no more than eight threads, whatever manifests name; this machine keeps its own, domains that rest give theirs", async () => {
    const { silent, threads, calls, ask } = world();
    for (let n = 0; n < 100; n++) await ask(`domain-${n}.example`);
    assert.equal(threads.length, 8);
    const domains = Array.from({ length: 20 }, (_, n) => `gone-${n}.example`);
    for (const domain of domains) silent.set(domain, () => {});
    const stuck = domains.map(ask);
    assert.equal((await ask(LOCAL)).code, 0);
    assert.equal(threads.length, 8);
    while (silent.size > 0) {
      for (const [domain, release] of silent) {
        silent.delete(domain);
        release();
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(stuck);
    await calls.close();
  });
});

describe("who is asked about an account", () => {
  const names: [string, string][] = [
    [".\\anna", LOCAL],
    [`${computerName()}\\anna`, LOCAL],
    ["NT AUTHORITY\\SYSTEM", LOCAL],
    ["NT SERVICE\\web", LOCAL],
    ["builtin\\Users", LOCAL],
    ["WCTL APP\\some-uid", LOCAL],
    ["CORP\\anna", "corp"],
    ["corp\\svc$", "corp"],
    ["anna@Corp.Example", "corp.example"],
    ["anna", "?"],
  ];
  for (const [name, authority] of names) {
    it(`is ${JSON.stringify(authority)} for ${name}`, () => assert.equal(authorityOfName(name), authority));
  }

  it("is the domain of a SID that has one, and this machine for all others", () => {
    assert.equal(authorityOfSid("S-1-5-21-1-2-3-1000"), "S-1-5-21-1-2-3");
    for (const sid of ["S-1-5-18", "S-1-5-32-544", "S-1-5-80-1-2-3-4-5", "S-1-1-0"])
      assert.equal(authorityOfSid(sid), LOCAL);
  });
});
