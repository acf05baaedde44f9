import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseOptions } from "../../../../cmd/wctld/config/options.ts";
import {
  daemonFlagsOf,
  dataDirOf,
  programOf,
  serviceDefinition,
} from "../../../../cmd/wctld/service/service-installation.ts";
import { splitCommandLine } from "../../../../cmd/wctld/service/split-command-line.ts";
import { NEEDED } from "../../../../runtime/win32/accounts/privileges.ts";
import { commandLine } from "../../../../runtime/win32/process/command-line.ts";
import { repeats } from "../../../repeats.ts";

describe("the service as it is installed", () => {
  it("asks for every privilege that starting programs as other accounts needs", () => {
    const { privileges } = serviceDefinition("wctl", parseOptions([], "/default"));
    for (const name of Object.keys(NEEDED)) assert.ok(privileges.includes(name), name);
  });
});

describe("the command line of the service", () => {
  const flags = ["--data-dir", "/var/lib/w c", "--listen", "[::1]:0", "--manifests", "/m", "--log-level", "debug"];
  const { commandLine: line } = serviceDefinition("wctl", parseOptions(flags, "/default"));

  it("begins with the program in quotes (S03)", () => {
    assert.ok(line.startsWith(`"${process.execPath}" `), line);
    assert.equal(programOf(line), process.execPath);
  });

  it("has every flag, in the form in which they are read again", () => {
    assert.deepEqual(
      parseOptions(daemonFlagsOf(line), "/default"),
      parseOptions(flags, "/default"),
      "what is installed again is the same",
    );
    assert.equal(dataDirOf(line), "/var/lib/w c");
  });

  it("of somebody else's service has no flags of ours", () => {
    assert.deepEqual(daemonFlagsOf(String.raw`C:\windows\system32\svchost.exe -k netsvcs`), []);
    assert.equal(dataDirOf(""), undefined);
  });

  it("is read back word for word, whatever the words are", () => {
    const characters = fc.constantFrom("a", " ", "\t", '"', "\\", "ä", "-", "C:\\x\\");
    const words = fc.array(fc.string({ unit: characters, maxLength: 12 }), { maxLength: 6 });
    fc.assert(
      fc.property(words, (args) => {
        assert.deepEqual(splitCommandLine(commandLine("C:\\Program Files\\w.exe", args)), [
          "C:\\Program Files\\w.exe",
          ...args,
        ]);
      }),
      { numRuns: repeats(700) },
    );
  });
});
