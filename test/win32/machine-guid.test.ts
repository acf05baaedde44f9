import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadServiceApi } from "../../runtime/win32/ffi/service-api.ts";
import { bootNumber } from "../../runtime/win32/service/boot-number.ts";
import { isWindowsContainer, machineGuid } from "../../runtime/win32/service/machine-guid.ts";

const skip = process.platform !== "win32" && "Windows' registry";

describe("the GUID of a machine", { skip }, () => {
  it("is what its registry has, and there is no container", () => {
    const api = loadServiceApi();
    assert.match(machineGuid(api) ?? "", /^[0-9a-f-]{36}$/i);
    assert.equal(isWindowsContainer(api), false);
  });
});

describe("the GUID of a machine, as the registry may tell it", () => {
  const told = (code: number, text: string) => ({
    RegGetValueW: (
      _key: number,
      _path: string,
      _name: string,
      _flags: number,
      _type: null,
      out: Buffer | null,
      size: Buffer | null,
    ) => {
      if (out && size) size.writeUInt32LE(out.write(text, "utf16le"));
      return code;
    },
  });

  it("is nothing that is missing, cut off or no GUID", () => {
    const guid = "4ee21c03-1f5c-4d8e-9d0f-0123456789ab";
    assert.equal(machineGuid(told(0, `${guid}\0`)), guid);
    assert.equal(machineGuid(told(2, `${guid}\0`)), undefined);
    assert.equal(machineGuid(told(0, "")), undefined);
    assert.equal(machineGuid(told(0, `${guid.slice(0, 20)}\0`)), undefined);
    assert.equal(isWindowsContainer(told(0, "")), true);
    assert.equal(isWindowsContainer(told(2, "")), false);
  });
});

describe("the number of a boot", () => {
  it("is asked for where Windows has it, and is nothing where it has not", { skip }, () => {
    assert.match(String(bootNumber(loadServiceApi())), /^(undefined|\d+)$/);
  });

  it("is what the registry says", () => {
    const told = (code: number) => ({
      RegGetValueW: (_k: number, _p: string, _n: string, _f: number, _t: null, out: Buffer | null) => {
        out?.writeUInt32LE(41);
        return code;
      },
    });
    assert.equal(bootNumber(told(0)), 41);
    assert.equal(bootNumber(told(2)), undefined);
  });
});
