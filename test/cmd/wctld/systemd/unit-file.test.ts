import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseOptions } from "../../../../cmd/wctld/config/options.ts";
import { daemonFlags } from "../../../../cmd/wctld/service/installed-flags.ts";
import { flagsOf, isOurs, unitFile, wordsOf } from "../../../../cmd/wctld/systemd/unit-file.ts";

const unit = (flags: readonly string[], name = "wctl", program = "/opt/w c/wctl"): string =>
  unitFile({ name, program: [program, "daemon"], flags, dataDir: "/var/lib/wctl" });

describe("the unit of systemd", () => {
  it("has the daemon tell when it is ready, ended alone, and started again whatever happens", () => {
    const lines = unit([]).split("\n");
    for (const line of ["Type=notify", "KillMode=process", "Restart=always", "StartLimitIntervalSec=0"])
      assert.ok(lines.includes(line), line);
    assert.ok(lines.includes('ExecStart="/opt/w c/wctl" "daemon"'));
    assert.ok(lines.includes("RestartKillSignal=SIGUSR2"), "a restart leaves the workloads");
  });

  it("takes nothing away that workloads would inherit", () => {
    assert.doesNotMatch(
      unit([]),
      /^(Protect|Private|Restrict|NoNew|Capability|SystemCall|ReadOnly|User=|Lock|Memory(Max|Deny))/m,
    );
  });

  it("has a slice of its own, in no other", () => {
    assert.match(unit([], "wctl-two"), /^Slice=wctl_two\.slice$/m);
  });

  it("is known as ours, and others' are not", () => {
    assert.equal(isOurs(unit([])), true);
    assert.equal(isOurs("[Service]\nExecStart=/usr/bin/wctl daemon\n"), false);
    assert.deepEqual([wordsOf("[Unit]\n"), flagsOf("[Unit]\n")], [[], []]);
  });

  it("gives the flags back as they were, whatever is in them", () => {
    const flags = ["--data-dir", '/a "b" %h $HOME \\ ü', "--listen", "[::1]:0", "--log-level", "debug"];
    const options = parseOptions(flags, "/default");
    assert.deepEqual(parseOptions(flagsOf(unit(daemonFlags(options))), "/default"), options);
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme", minLength: 1 })), (words) => {
        assert.deepEqual(flagsOf(unit(words)), words);
      }),
      { examples: [[["\r", "\u2028", "\u0085", "\t\x1b"]], [["\\x41", "\\n", "$$%%"]]] },
    );
  });

  it("writes each word so that systemd takes it for one and expands nothing", () => {
    assert.match(unit(['%n $A "q" \\ \n']), /^ExecStart="\/opt\/w c\/wctl" "daemon" "%%n \$\$A \\"q\\" \\\\ \\x0a"$/m);
  });
});
