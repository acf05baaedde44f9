import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RunAs } from "../../../api/types.generated.ts";
import { runAsCauses } from "../../../apiserver/validation/run-as.ts";

const faults = (runAs: RunAs): string[] =>
  runAsCauses(runAs, "spec.runAs").map(({ field, reason }) => `${field} ${reason.replace("FieldValue", "")}`);

const passwordSecretRef = { name: "web", key: "password" };

describe("runAs", () => {
  const good: RunAs[] = [
    {},
    { account: "nobody" },
    { account: "1000" },
    { account: "root" },
    { account: "Dynamic" },
    { account: "4294967294" },
    { account: "1anna" },
    { account: "NT AUTHORITY\\LocalService" },
    { account: "NT SERVICE\\web" },
    { account: "CORP\\web$" },
    { account: ".\\anna", passwordSecretRef },
    { account: "CORP\\anna", passwordSecretRef },
    { account: "anna@corp.example", passwordSecretRef },
    { account: "CORP\\system", passwordSecretRef },
    { session: "Console" },
    { session: 2 },
    { session: "2" },
    { integrityLevel: "Low", mitigations: ["NoChildProcess", "NoWin32k"] },
    { keepPrivileges: ["SeImpersonatePrivilege"] },
    { removePrivileges: [] },
    { writeRestricted: true, denyOnlyGroups: ["BUILTIN\\Administrators", "S-1-5-32-545"] },
  ];
  for (const runAs of good) {
    it(`may be ${JSON.stringify(runAs)}`, () => assert.deepEqual(faults(runAs), []));
  }

  const bad: [RunAs, ...string[]][] = [
    [{ account: "a\u0000" }, "spec.runAs.account Invalid"],
    [{ account: " anna" }, "spec.runAs.account Invalid"],
    ...["0", "00", "-0", "-1", "+5", "007", "65535", "4294967295", "4294967296", "18446744073709551616"].map(
      (account): [RunAs, string] => [{ account }, "spec.runAs.account Invalid"],
    ),
    [{ account: "Dynamic", passwordSecretRef }, "spec.runAs.passwordSecretRef Forbidden"],
    [{ account: "CORP\\" }, "spec.runAs.account Invalid"],
    [{ account: "\\anna" }, "spec.runAs.account Invalid"],
    [{ account: "A\\B\\c" }, "spec.runAs.account Invalid"],
    [{ account: "LocalService", passwordSecretRef }, "spec.runAs.passwordSecretRef Forbidden"],
    [{ account: "nt authority\\network service", passwordSecretRef }, "spec.runAs.passwordSecretRef Forbidden"],
    [{ account: ".\\LocalSystem", passwordSecretRef }, "spec.runAs.passwordSecretRef Forbidden"],
    [{ account: "NT SERVICE\\web", passwordSecretRef }, "spec.runAs.passwordSecretRef Forbidden"],
    [{ account: "CORP\\web$", passwordSecretRef }, "spec.runAs.passwordSecretRef Forbidden"],
    [{ passwordSecretRef }, "spec.runAs.passwordSecretRef Forbidden"],
    [{ session: "Console", passwordSecretRef }, "spec.runAs.passwordSecretRef Forbidden"],
    [
      { account: "anna", passwordSecretRef: { name: "A B", key: "" } },
      "spec.runAs.passwordSecretRef.name Invalid",
      "spec.runAs.passwordSecretRef.key Required",
    ],
    [{ account: "anna", session: 1 }, "spec.runAs.session Forbidden"],
    [{ session: 0 }, "spec.runAs.session Invalid"],
    [{ session: -1 }, "spec.runAs.session Invalid"],
    [{ session: "console" }, "spec.runAs.session Invalid"],
    [{ session: "" }, "spec.runAs.session Invalid"],
    [{ session: 65_536 }, "spec.runAs.session Invalid"],
    [{ keepPrivileges: [], removePrivileges: [] }, "spec.runAs.removePrivileges Forbidden"],
    [{ keepPrivileges: ["SeTcbPrivilege", "setcbprivilege"] }, "spec.runAs.keepPrivileges[1] Duplicate"],
    [
      { denyOnlyGroups: ["a\nb", "Users", "USERS"] },
      "spec.runAs.denyOnlyGroups[0] Invalid",
      "spec.runAs.denyOnlyGroups[2] Duplicate",
    ],
    [{ mitigations: ["NoWin32k", "NoWin32k"] }, "spec.runAs.mitigations[1] Duplicate"],
  ];
  for (const [runAs, ...expected] of bad) {
    it(`may not be ${JSON.stringify(runAs)}`, () => assert.deepEqual(faults(runAs).sort(), expected.sort()));
  }
});
