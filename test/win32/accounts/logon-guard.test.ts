import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constants } from "../../../runtime/win32/ffi/constants.ts";
import { tokenConstants as c } from "../../../runtime/win32/ffi/token-constants.ts";
import type { Answers } from "../recording-winapi.ts";
import { ACCOUNT_REQUEST, type FakeAccounts, fakeAccounts } from "./fake-accounts.ts";

const MINUTE = 60_000;
const wrong = (code: number = constants.ERROR_LOGON_FAILURE): Answers => ({
  LogonUserW: () => 0,
  GetLastError: () => code,
});

/** One try of an instance; the message when it did not start. */
const attempt = ({ accounts }: FakeAccounts, password: string, account = "CORP\\anna"): Promise<string | undefined> =>
  accounts.take({ ...ACCOUNT_REQUEST, runAs: { account, password } }).then(
    () => undefined,
    (error: Error) => error.message,
  );

const tries = ({ recording }: FakeAccounts): number => recording.of("LogonUserW").length;

describe("a wrong password", () => {
  it("is tried three times an hour at most, five minutes apart, however often instances are started", async () => {
    const fake = fakeAccounts(wrong());
    const at: number[] = [];
    for (let second = 0; second < 3 * 3600; second += 10) {
      const before = tries(fake);
      await attempt(fake, "x"); // Two instances that share the account.
      await attempt(fake, "x");
      if (tries(fake) > before) at.push(second);
      assert.ok(tries(fake) - before <= 1);
      fake.clock.advance(10_000);
    }
    assert.deepEqual(at, [0, 300, 600, 3600, 3900, 4200, 7200, 7500, 7800]);
  });

  it("is told with the reason and the time of the next try, in the same words until then", async () => {
    const fake = fakeAccounts(wrong());
    assert.match((await attempt(fake, "x")) ?? "", /password is wrong.*ERROR_LOGON_FAILURE \(1326\)/);
    const told = await attempt(fake, "x");
    assert.match(
      told ?? "",
      /^CORP\\anna can't log on: .*password is wrong.*not tried again before 2026-01-01T00:05:00Z/,
    );
    fake.clock.advance(100_000);
    assert.equal(await attempt(fake, "x"), told);
  });

  it("is tried once when twenty instances start together", async () => {
    const fake = fakeAccounts(wrong());
    const told = await Promise.all(Array.from({ length: 20 }, () => attempt(fake, "x")));
    assert.equal(tries(fake), 1);
    assert.equal(new Set(told).size, 2, "the first was told by Windows, the others by the guard");
  });

  it("counts for the account, however it is written", async () => {
    const fake = fakeAccounts(wrong());
    await attempt(fake, "x");
    await attempt(fake, "x", "anna@corp.example");
    assert.equal(tries(fake), 1);
  });

  it("does not keep another one waiting", async () => {
    const fake = fakeAccounts({
      LogonUserW: (_user: string, _domain: string, password: Buffer) =>
        password.toString("utf16le") === "right\0" ? 1 : 0,
      GetLastError: () => constants.ERROR_LOGON_FAILURE,
    });
    await attempt(fake, "x");
    await attempt(fake, "right");
    assert.equal(tries(fake), 2);
    await attempt(fake, "x");
    assert.equal(tries(fake), 3, "a successful logon has cleared the account");
  });

  it("in ever new spellings is tried nine times an hour at most: Windows locks an account at the tenth", async () => {
    const fake = fakeAccounts(wrong());
    for (let n = 0; n < 100; n++) await attempt(fake, `guess-${n}`);
    assert.equal(tries(fake), 9);
    fake.clock.advance(60 * MINUTE);
    await attempt(fake, "guess-0");
    assert.equal(tries(fake), 10);
  });
});

describe("the guard of logons", () => {
  for (const code of [1327, 1330, 1331, 1907, 1909]) {
    it(`also waits after ${code}, which a retry does not mend`, async () => {
      const fake = fakeAccounts(wrong(code));
      await attempt(fake, "x");
      await attempt(fake, "x");
      assert.equal(tries(fake), 1);
    });
  }

  for (const code of [constants.ERROR_LOGON_TYPE_NOT_GRANTED, c.ERROR_NO_LOGON_SERVERS]) {
    it(`does not wait after ${code}: it harms no account, and ends when somebody mends the machine`, async () => {
      const fake = fakeAccounts(wrong(code));
      await attempt(fake, "x");
      await attempt(fake, "x");
      assert.equal(tries(fake), 2);
    });
  }
});
