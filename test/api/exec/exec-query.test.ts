import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StatusError } from "../../../api/errors.ts";
import { endedWith, exitCodeOfFailure, outcomeOf } from "../../../api/exec/exec-outcome.ts";
import { execQuery, execRequestOf } from "../../../api/exec/exec-query.ts";

describe("what is asked of exec", () => {
  const wanted = [
    { command: ["ls", "-l", "a b&c=ü", ""], stdin: false },
    { command: ["sh"], stdin: true, terminal: { columns: 111, rows: 33, name: "xterm-256color" } },
  ];
  for (const request of wanted) {
    it(`arrives as it was asked: ${request.command.join(" ")}`, () => {
      assert.deepEqual(execRequestOf(new URLSearchParams(execQuery(request))), request);
    });
  }

  it("has a usual terminal when nothing is said of it", () => {
    const { terminal } = execRequestOf(new URLSearchParams("command=sh&tty=true"));
    assert.deepEqual(terminal, { columns: 80, rows: 24, name: "xterm" });
  });

  const refused = {
    "": "at least one command",
    "command=": "at least one command",
    "command=id&user=root": 'no query parameter "user"',
    "command=id&runAs=root": 'no query parameter "runAs"',
    "command=id&env=LD_PRELOAD": 'no query parameter "env"',
    "command=id&tty=true&columns=0": "columns must be",
    "command=id&tty=true&rows=1e9": "rows must be",
    "command=id&tty=true&term=a%0aLD_PRELOAD=x": "term is no name",
  };
  for (const [query, message] of Object.entries(refused)) {
    it(`is refused: ${query}`, () => {
      assert.throws(() => execRequestOf(new URLSearchParams(query)), {
        reason: "BadRequest",
        message: new RegExp(message),
      });
    });
  }
});

describe("how a command ended", () => {
  it("is told by its exit code, and by its signal as shells have it", () => {
    assert.deepEqual(endedWith(outcomeOf({ code: 0 })), { code: 0 });
    assert.deepEqual(endedWith(outcomeOf({ code: 3 })), { code: 3, message: "command terminated with exit code 3" });
    assert.deepEqual(endedWith(outcomeOf({ signal: "SIGKILL" })), {
      code: 137,
      message: "command was ended by SIGKILL",
    });
  });

  it("is an error when it did not begin, with the exit code of a shell", () => {
    const details = { causes: [{ reason: "CommandNotFound", message: "x" }] };
    const error = new StatusError("BadRequest", "command x not found", { details });
    assert.throws(() => endedWith(error.toStatus()), { reason: "BadRequest", message: "command x not found" });
    assert.equal(exitCodeOfFailure(error), 127);
    assert.equal(exitCodeOfFailure(new StatusError("NotFound", "gone")), undefined);
  });
});
