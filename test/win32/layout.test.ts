import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { constants } from "../../runtime/win32/ffi/constants.ts";
import { fileConstants } from "../../runtime/win32/ffi/file-constants.ts";
import { filePrototypes } from "../../runtime/win32/ffi/file-prototypes.ts";
import { fileStructs } from "../../runtime/win32/ffi/file-structs.ts";
import { prototypes } from "../../runtime/win32/ffi/prototypes.ts";
import { serviceConstants } from "../../runtime/win32/ffi/service-constants.ts";
import { servicePrototypes } from "../../runtime/win32/ffi/service-prototypes.ts";
import { serviceStructs } from "../../runtime/win32/ffi/service-structs.ts";
import { structs } from "../../runtime/win32/ffi/structs.ts";
import { mitigationBits, tokenConstants } from "../../runtime/win32/ffi/token-constants.ts";
import { optionalPrototypes, tokenPrototypes } from "../../runtime/win32/ffi/token-prototypes.ts";
import { tokenStructs } from "../../runtime/win32/ffi/token-structs.ts";
import { mingw } from "../../scripts/windows/prefix.ts";
import { countChecks, layoutChecks, preamble, type Tables } from "./layout-checks.ts";
import { isWindows } from "./platform.ts";

const compiler = isWindows ? undefined : mingw();
const skip = compiler === undefined ? "the compiler with Windows' headers is not here" : false;

const NOTHING: Tables = { structs: {}, constants: {}, prototypes: {} };

/** Windows' headers are large: the compiler reads them once, into what it calls a precompiled header. */
class Compiler {
  readonly #folder = mkdtempSync(join(tmpdir(), "wctl-layout-"));
  readonly #header = join(this.#folder, "windows-preamble.h");

  constructor() {
    writeFileSync(this.#header, preamble);
    assert.equal(this.#compile("-x", "c-header", "-o", `${this.#header}.gch`, this.#header).stderr, "");
  }

  /** What the compiler says; empty when everything is as the headers have it. */
  complaints(tables: Tables): string {
    const file = join(this.#folder, "layout.c");
    writeFileSync(file, layoutChecks(tables));
    const { status, stderr } = this.#compile(
      "-include",
      this.#header,
      "-c",
      "-o",
      join(this.#folder, "layout.o"),
      file,
    );
    const errors = stderr.split("\n").filter((line) => /error: (?!expression in static)/.test(line));
    return status === 0 ? "" : errors.join("\n") || `exit code ${status}`;
  }

  #compile(...args: string[]): { status: number | null; stderr: string } {
    return spawnSync(compiler!, ["-std=gnu11", "-Wno-all", ...args], { encoding: "utf8" });
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

describe("the tables of Windows' structures, constants and functions", { skip }, () => {
  let headers: Compiler;
  before(() => {
    headers = new Compiler();
  });
  after(() => headers.dispose());

  it("are what the headers say, every one", () => {
    const all: Tables[] = [
      { structs, constants, prototypes },
      {
        structs: tokenStructs,
        constants: { ...tokenConstants, ...mitigationBits },
        prototypes: tokenPrototypes,
      },
      { ...NOTHING, prototypes: optionalPrototypes },
      { structs: fileStructs, constants: fileConstants, prototypes: filePrototypes },
      { structs: serviceStructs, constants: serviceConstants, prototypes: servicePrototypes },
    ];
    for (const tables of all) assert.equal(headers.complaints(tables), "");
    assert.ok(countChecks(layoutChecks(all[0]!)) > 200);
  });

  const wrong: [what: string, tables: Tables][] = [
    ["a size", { ...NOTHING, structs: { PROCESS_INFORMATION: { size: 32, fields: {} } } }],
    [
      "an offset",
      {
        ...NOTHING,
        structs: { STARTUPINFOEXW: { size: 112, fields: { lpAttributeList: { type: "pointer", at: 96 } } } },
      },
    ],
    [
      "the size of a field",
      { ...NOTHING, structs: { STARTUPINFOEXW: { size: 112, fields: { lpAttributeList: { type: "u32", at: 104 } } } } },
    ],
    [
      "a name",
      { ...NOTHING, structs: { PROCESS_INFORMATION: { size: 24, fields: { hProces: { type: "pointer", at: 0 } } } } },
    ],
    ["a constant", { ...NOTHING, constants: { ERROR_ALREADY_EXISTS: 182 } }],
    [
      "a constant of 64 bits",
      {
        ...NOTHING,
        constants: { PROCESS_CREATION_MITIGATION_POLICY_PROHIBIT_DYNAMIC_CODE_ALWAYS_ON: (1n << 36n) | (1n << 37n) },
      },
    ],
    [
      "an element of an array",
      {
        ...NOTHING,
        structs: {
          TOKEN_GROUPS: { size: 24, fields: { Groups: { type: "pointer", at: 4, header: "Groups[0].Sid" } } },
        },
      },
    ],
    [
      "a number of parameters",
      { ...NOTHING, prototypes: { "kernel32.dll": { x: "int CloseHandle(intptr_t a, int b)" } } },
    ],
    [
      "a result",
      { ...NOTHING, prototypes: { "kernel32.dll": { x: "int OpenProcess(uint32_t a, int b, uint32_t c)" } } },
    ],
  ];
  for (const [what, tables] of wrong) {
    it(`are not believed with ${what} wrong`, () => {
      assert.match(headers.complaints(tables), /error/);
    });
  }
});
