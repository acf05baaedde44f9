import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { distrustOf, PROTECTED } from "../../../runtime/win32/service/folder-security.ts";

const me = "S-1-5-21-1-2-3-1001";
const ours = "(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)";

describe("a folder's security descriptor", () => {
  const trusted: [why: string, sddl: string][] = [
    ["is as we make it", PROTECTED],
    ["belongs to SYSTEM", `O:SYD:PAI${ours}`],
    ["belongs to SYSTEM, written as a SID", `O:S-1-5-18G:S-1-5-18D:P${ours}`],
    ["belongs to the account of this process", `O:${me}D:(A;OICI;FA;;;${me})${ours}`],
    ["lets users read", `O:BAD:P${ours}(A;OICI;FRFX;;;BU)(A;OICI;0x1200a9;;;WD)`],
    ["gives creators what they create", `O:BAD:P${ours}(A;OICIIO;FA;;;CO)`],
    ["denies somebody everything", `O:BAD:P(D;OICI;FA;;;BG)${ours}`],
    ["lets nobody do anything", "O:BAD:P"],
  ];
  for (const [why, sddl] of trusted) {
    it(`is trusted when it ${why}`, () => assert.equal(distrustOf(sddl, me), undefined));
  }

  const distrusted: [why: string, sddl: string, says: RegExp][] = [
    ["belongs to a user", `O:S-1-5-21-9-9-9-1000D:P${ours}`, /belongs to S-1-5-21-9-9-9-1000/],
    ["belongs to nobody", `D:P${ours}`, /belongs to nobody/],
    ["has no access list: all may do all", "O:BA", /everybody has all rights/],
    ["has a null access list", "O:BAD:NO_ACCESS_CONTROL", /everybody has all rights/],
    ["lets users write", `O:BAD:P${ours}(A;OICI;FW;;;BU)`, /BU may write/],
    ["lets users change it", `O:BAD:P${ours}(A;OICI;0x1301bf;;;BU)`, /BU may write/],
    ["lets users add files", `O:BAD:AI${ours}(A;CIID;DCLCRPCR;;;BU)`, /BU may write/],
    ["lets users add folders, as %ProgramData% does", `O:BAD:AI${ours}(A;CIID;0x4;;;BU)`, /BU may write/],
    ["lets everyone do everything", `O:BAD:P${ours}(A;;GA;;;WD)`, /WD may write/],
    ["lets users take it over", `O:BAD:P${ours}(A;;WO;;;BU)`, /BU may write/],
    ["lets users change its rights", `O:BAD:P${ours}(A;;0x40000;;;BU)`, /BU may write/],
    ["lets creators own what is there", `O:BAD:P${ours}(A;;FA;;;CO)`, /CO may write/],
    ["lets creators own it and all below", `O:BAD:P${ours}(A;CIOI;FA;;;CO)`, /CO may write/],
    ["lets a callback decide", `O:BAD:P${ours}(XA;;FA;;;BU;(@User.x==1))`, /BU may write/],
  ];
  for (const [why, sddl, says] of distrusted) {
    it(`is not trusted when it ${why}`, () => assert.match(distrustOf(sddl, me) ?? "", says));
  }
});
