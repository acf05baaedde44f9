import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EventLog, registerEventSource, removeEventSource } from "../../../runtime/win32/service/event-log.ts";
import { FakeServiceApi } from "./service-api-fake.ts";

const key = "SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\wctl";

describe("the event log", () => {
  it("gets a source that borrows the system's message file", () => {
    const fake = new FakeServiceApi();
    registerEventSource(fake.api, "wctl");
    assert.deepEqual(fake.named("RegCreateKeyExW")[0]!.slice(1, 3), [-0x7ffffffe, key]);
    const values = fake.named("RegSetValueExW").map(([, , name, , type, data]) => [name, type, data]);
    assert.deepEqual(values, [
      ["EventMessageFile", 2, Buffer.from("%SystemRoot%\\System32\\EventCreate.exe\0", "utf16le")],
      ["TypesSupported", 4, Buffer.from([7, 0, 0, 0])],
    ]);
    assert.equal(fake.named("RegCloseKey").length, 1);
  });

  it("says which key could not be written", () => {
    const fake = new FakeServiceApi({ RegCreateKeyExW: () => 5 });
    assert.throws(() => registerEventSource(fake.api, "wctl"), { call: "RegCreateKeyExW", code: 5, message: /HKLM/ });
  });

  it("loses its source, also one that is not there", () => {
    const fake = new FakeServiceApi({ RegDeleteKeyW: () => 2 });
    removeEventSource(fake.api, "wctl");
    assert.deepEqual(fake.named("RegDeleteKeyW")[0]!.slice(1), [-0x7ffffffe, key]);
    assert.throws(() => removeEventSource(new FakeServiceApi({ RegDeleteKeyW: () => 5 }).api, "wctl"), { code: 5 });
  });

  it("is written to with kind, id and one text of bounded length", () => {
    const fake = new FakeServiceApi();
    const log = new EventLog(fake.api, "wctl");
    log.report("warning", 100, `web has failed\0${"x".repeat(40_000)}`);
    const [, , type, category, id, , count, , strings] = fake.named("ReportEventW")[0]!;
    assert.deepEqual([type, category, id, count], [2, 0, 100, 1]);
    assert.equal((strings as Buffer).readBigUInt64LE() % 0x1000n, 8n, "points to what follows it");
    const text = (strings as Buffer).toString("utf16le", 8);
    assert.match(text, /^web has failedx+\0$/);
    assert.ok(text.length <= 30_001);
    log.close();
    assert.equal(fake.named("DeregisterEventSource").length, 1);
  });
});
