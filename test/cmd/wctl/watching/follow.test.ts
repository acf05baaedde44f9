import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Client, ObjectList, WatchEvent } from "../../../../api/client.ts";
import { expired, StatusError } from "../../../../api/errors.ts";
import { connectionError } from "../../../../api/http/connection-error.ts";
import type { Stored } from "../../../../api/object.ts";
import { processes } from "../../../../api/scheme.ts";
import type { Process } from "../../../../api/types.generated.ts";
import { follow } from "../../../../cmd/wctl/watching/follow.ts";
import { FakeClock, settle } from "../../../lib/fake-clock.ts";

const web = (name: string, version: string): Stored<Process> =>
  ({
    apiVersion: "wctl.dev/v1",
    kind: "Process",
    metadata: {
      name,
      namespace: "default",
      uid: name,
      resourceVersion: version,
      creationTimestamp: "2026-01-01T00:00:00Z",
    },
    spec: { command: "x" },
  }) as Stored<Process>;

type Answer = { list: Stored<Process>[]; events: WatchEvent<Process>[]; ends?: unknown } | Error;

/** Each list takes the next answer; its watch gives the events, then ends, fails, or (without `ends`) stays open. */
function scripted(answers: Answer[]): Client {
  let now: Exclude<Answer, Error>;
  return {
    async list() {
      const next = answers.shift();
      if (!next) throw new StatusError("InternalError", "nothing more is in the script");
      if (next instanceof Error) throw next;
      now = next;
      return { items: now.list, metadata: { resourceVersion: "1" } } as ObjectList<Process>;
    },
    async *watch(_: unknown, { signal }: { signal: AbortSignal }) {
      yield* now.events;
      if (now.ends instanceof Error) throw now.ends;
      if (now.ends === undefined && !signal.aborted)
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    },
  } as unknown as Client;
}

/** Names after each change; ends with the error, if one came. */
async function trace(client: Client, changes: number): Promise<string[]> {
  const clock = new FakeClock();
  const stop = new AbortController();
  const seen: string[] = [];
  const walk = (async () => {
    for await (const present of follow(client, processes, {}, { signal: stop.signal, clock })) {
      seen.push([...present.values()].map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`).join(" "));
      if (seen.length === changes) stop.abort();
    }
  })().catch((error: Error) => seen.push(`error: ${error.message}`));
  for (let turn = 0; turn < 40 && !stop.signal.aborted; turn++) {
    await clock.advanceAsync(250);
    await settle();
  }
  stop.abort();
  await walk;
  return seen;
}

describe("follow", () => {
  it("shows what is there, then every change", async () => {
    const client = scripted([
      {
        list: [web("a", "1")],
        events: [
          { type: "ADDED", object: web("b", "2") },
          { type: "BOOKMARK", resourceVersion: "3" },
          { type: "MODIFIED", object: web("a", "4") },
          { type: "DELETED", object: web("b", "5") },
        ],
      },
    ]);
    assert.deepEqual(await trace(client, 4), ["a@1", "a@1 b@2", "a@4 b@2", "a@4"]);
  });

  it("lists again when the watch ends, is too old, or the server is away for a while", async () => {
    const away = connectionError(
      new URL("https://127.0.0.1:1"),
      Object.assign(new Error("refused"), { code: "ECONNREFUSED" }),
    );
    const client = scripted([
      { list: [web("a", "1")], events: [], ends: "end" },
      { list: [web("a", "2")], events: [], ends: expired("too old") },
      { list: [web("a", "3")], events: [], ends: away },
      away,
      away,
      { list: [], events: [] },
    ]);
    assert.deepEqual(await trace(client, 4), ["a@1", "a@2", "a@3", ""]);
  });

  it("does not hide that the first list fails, nor a refusal later on", async () => {
    const forbidden = new StatusError("Forbidden", "not yours");
    assert.deepEqual(await trace(scripted([forbidden]), 1), ["error: not yours"]);
    assert.deepEqual(await trace(scripted([{ list: [], events: [], ends: "end" }, forbidden]), 9), [
      "",
      "error: not yours",
    ]);
  });
});
