import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constants } from "../../../../runtime/win32/ffi/constants.ts";
import { limitMessage, limitOf } from "../../../../runtime/win32/job/limit-messages.ts";

const {
  JOB_OBJECT_MSG_PROCESS_MEMORY_LIMIT,
  JOB_OBJECT_MSG_JOB_MEMORY_LIMIT,
  JOB_OBJECT_MSG_ACTIVE_PROCESS_LIMIT,
  JOB_OBJECT_MSG_NEW_PROCESS,
  JOB_OBJECT_MSG_EXIT_PROCESS,
} = constants;

describe("messages of a job about its limits", () => {
  const cases: [number, "memory" | "processes" | undefined][] = [
    [JOB_OBJECT_MSG_PROCESS_MEMORY_LIMIT, "memory"],
    [JOB_OBJECT_MSG_JOB_MEMORY_LIMIT, "memory"],
    [JOB_OBJECT_MSG_ACTIVE_PROCESS_LIMIT, "processes"],
    [JOB_OBJECT_MSG_NEW_PROCESS, undefined],
    [JOB_OBJECT_MSG_EXIT_PROCESS, undefined],
  ];
  for (const [message, limit] of cases) {
    it(`message ${message} tells of ${limit ?? "no limit"}`, () => assert.equal(limitOf(message), limit));
  }

  it("says which workload was refused memory, and its limit as people write it", () => {
    assert.equal(
      limitMessage("memory", { label: "default/web-0", limits: { memory: 512 * 1024 ** 2 } }),
      "default/web-0: memory was refused to a process of the tree because it reached its memory limit of 512Mi",
    );
  });

  it("says which workload was refused a process, and how many it may have", () => {
    assert.equal(
      limitMessage("processes", { label: "default/web-0", limits: { processes: 20 } }),
      "default/web-0: a new process was refused because the tree reached its limit of 20 processes",
    );
  });
});
