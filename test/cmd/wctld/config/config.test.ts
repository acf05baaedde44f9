import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parseConfig } from "../../../../cmd/wctld/config/config.ts";
import { ConfigFile } from "../../../../cmd/wctld/config/config-file.ts";
import { inputTrust } from "../../../../cmd/wctld/config/input-trust.ts";
import { parseOptions, UsageError } from "../../../../cmd/wctld/config/options.ts";
import { FakeClock } from "../../../lib/fake-clock.ts";

const refused = (text: string): string => {
  try {
    parseConfig(text, "wctl.yaml");
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return error.message;
  }
  assert.fail("was accepted");
};

describe("the daemon's configuration", () => {
  it("reads what is there and leaves the rest open", () => {
    const text = "logLevel: debug\ndefaults:\n  backoff: {maxSeconds: 60}\n";
    assert.deepEqual(parseConfig(text, "wctl.yaml"), { logLevel: "debug", defaults: { backoff: { maxSeconds: 60 } } });
    assert.deepEqual(parseConfig("", "wctl.yaml"), {});
    assert.deepEqual(parseConfig("allowPrivileged: true\n", "wctl.yaml"), { allowPrivileged: true });
  });

  it("names file, line and field, and the near miss", () => {
    assert.match(
      refused("logLevel: debug\nretension:\n  eventsSeconds: 60\n"),
      /^wctl\.yaml:2: retension: unknown field \(did you mean "retention"\?\)$/,
    );
    assert.match(refused("logLevel: loud\n"), /^wctl\.yaml:1: logLevel: Unsupported value: "loud"/);
    assert.match(
      refused("defaults:\n  probe:\n    periodSeconds: ten\n"),
      /^wctl\.yaml:3: defaults\.probe\.periodSeconds: .*integer/,
    );
    assert.match(refused("defaults:\n  runAs: '0'\n"), /^wctl\.yaml:2: defaults\.runAs: must not be root by number/);
    assert.match(
      refused("defaults:\n  resources:\n    limits: {memory: 10}\n"),
      /^wctl\.yaml:3: defaults\.resources\.limits\.memory: .*must be at least 1Mi/,
    );
    assert.match(refused("limits: {namespaceBytes: 5}\n"), /^wctl\.yaml:1: limits\.namespaceBytes: .*1048576/);
    assert.match(refused("- a\n"), /expected a map of fields/);
    assert.match(refused("a: [\n"), /wctl\.yaml/);
  });
});

describe("the file of --config that others can write", { skip: process.getuid ? false : "modes are of POSIX" }, () => {
  it("is not read: not at the start, and afterwards the configuration that was read stays in force (P22)", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "wctl-config-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "wctl.yaml");
    writeFileSync(file, "logLevel: debug\n");
    const trust = await inputTrust();
    const config = await ConfigFile.open(file, new FakeClock(), trust);
    writeFileSync(file, "allowPrivileged: true\n");
    for (const path of [file, folder]) {
      chmodSync(path, 0o777);
      config.reload();
      assert.deepEqual(config.current, { logLevel: "debug" });
      await assert.rejects(ConfigFile.open(file, new FakeClock(), trust), {
        name: "UsageError",
        message: new RegExp(
          `^--config: ${file} is not read, because ${path} can be written by others: whoever writes there decides`,
        ),
      });
      chmodSync(path, 0o700);
    }
    config.reload();
    assert.deepEqual(config.current, { allowPrivileged: true });
  });
});

describe("the daemon's flags", () => {
  const listen = (text: string) => parseOptions(["--listen", text], "/d").listen;

  it("have the defaults of the contract", () => {
    assert.deepEqual(parseOptions([], "/d"), {
      dataDir: "/d",
      listen: { host: "127.0.0.1", port: 7443 },
      runtime: "auto",
      onStop: "stop",
      logLevel: "info",
      help: false,
      service: false,
    });
  });

  it("read addresses", () => {
    assert.deepEqual(listen("0.0.0.0:0"), { host: "0.0.0.0", port: 0 });
    assert.deepEqual(listen("[::1]:7443"), { host: "::1", port: 7443 });
    assert.deepEqual(listen(":9"), { host: "127.0.0.1", port: 9 });
    for (const text of ["", "7443", "host", "host:99999", "::1:7443", "h:-1"]) {
      assert.throws(() => listen(text), { name: "UsageError", message: /^--listen: / }, text);
    }
  });

  it("name the flag that is wrong", () => {
    assert.throws(
      () => parseOptions(["--log-levl", "info"], "/d"),
      /Unknown option '--log-levl' \(did you mean --log-level\?\); see: wctl daemon --help/,
    );
    assert.throws(
      () => parseOptions(["--log-level", "wran"], "/d"),
      /debug, info, warn, error \(did you mean warn\?\)/,
    );
    assert.throws(() => parseOptions(["--on-stop", "maybe"], "/d"), /--on-stop: "maybe" is not one of stop, keep/);
    assert.throws(() => parseOptions(["--frobnicate"], "/d"), /--frobnicate/);
    assert.throws(() => parseOptions(["extra"], "/d"), /extra/);
    assert.throws(() => parseOptions(["--data-dir"], "/d"), /data-dir/);
  });
});
