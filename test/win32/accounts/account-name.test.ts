import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type AccountName, parseAccount, withSid } from "../../../runtime/win32/accounts/account-name.ts";
import { decodeSid, encodeSid, isSid } from "../../../runtime/win32/security/sid.ts";

describe("the name of an account", () => {
  const cases: [text: string, kind: AccountName["kind"], domain: string | null, user: string][] = [
    ["LocalService", "local-service", "NT AUTHORITY", "LocalService"],
    ["NT AUTHORITY\\LocalService", "local-service", "NT AUTHORITY", "LocalService"],
    ["nt authority\\LOCAL SERVICE", "local-service", "NT AUTHORITY", "LocalService"],
    ["NetworkService", "network-service", "NT AUTHORITY", "NetworkService"],
    ["NT AUTHORITY\\NETWORK SERVICE", "network-service", "NT AUTHORITY", "NetworkService"],
    ["LocalSystem", "system", "NT AUTHORITY", "SYSTEM"],
    ["system", "system", "NT AUTHORITY", "SYSTEM"],
    [".\\LocalSystem", "system", "NT AUTHORITY", "SYSTEM"],
    ["NT AUTHORITY\\SYSTEM", "system", "NT AUTHORITY", "SYSTEM"],
    ["NT SERVICE\\web", "virtual", "NT SERVICE", "web"],
    ["nt service\\web", "virtual", "NT SERVICE", "web"],
    ["CORP\\web$", "managed", "CORP", "web$"],
    ["web$@corp.example", "user", null, "web$@corp.example"],
    [".\\anna", "user", ".", "anna"],
    ["anna", "user", ".", "anna"],
    ["CORP\\anna", "user", "CORP", "anna"],
    ["CORP\\system", "user", "CORP", "system"],
    ["anna@corp.example", "user", null, "anna@corp.example"],
  ];
  for (const [text, kind, domain, user] of cases) {
    it(`${text} is ${kind}`, () => {
      const name = parseAccount(text);
      assert.deepEqual([name.kind, name.domain, name.user], [kind, domain, user]);
    });
  }

  it("counts for nothing where the SID says otherwise, as in other languages", () => {
    const name = parseAccount("NT-AUTORITÄT\\SYSTEM");
    assert.equal(name.kind, "user");
    assert.deepEqual(withSid(name, "S-1-5-18"), { ...parseAccount("LocalSystem"), sid: "S-1-5-18" });
    assert.equal(withSid(parseAccount("NT-AUTORITÄT\\Lokaler Dienst"), "S-1-5-19").kind, "local-service");
    assert.equal(withSid(parseAccount("NT-DIENST\\web"), "S-1-5-80-1-2-3-4-5").kind, "virtual");
    assert.equal(withSid(parseAccount("CORP\\anna"), "S-1-5-21-1-2-3-1001").kind, "user");
  });
});

describe("a SID", () => {
  it("is laid out as Windows does it, and read back", () => {
    assert.equal(encodeSid("S-1-5-18").toString("hex"), "010100000000000512000000");
    assert.equal(encodeSid("S-1-5-32-544").toString("hex"), "01020000000000052000000020020000");
    for (const text of ["S-1-1-0", "S-1-5-18", "S-1-16-4096", "S-1-5-21-4294967295-2-3-500", "S-1-5-80-1-2-3-4-5"]) {
      assert.equal(decodeSid(encodeSid(text)), text);
    }
  });

  it("is told from other text", () => {
    for (const text of ["S-1-5-32-544", "s-1-1-0"]) assert.ok(isSid(text), text);
    for (const text of ["S-1", "S-2-5-18", "S-1-5-x", "BUILTIN\\Users", ""]) assert.ok(!isSid(text), text);
    assert.throws(() => encodeSid("Everyone"), RangeError);
  });
});
