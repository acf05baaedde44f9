import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DeferredLogger } from "../../lib/deferred-logger.ts";
import type { Logger } from "../../lib/logger.ts";

function recorder(lines: string[], context = ""): Logger {
  const say = (level: string) => (message: string) => void lines.push(`${level} ${context}${message}`);
  return {
    debug: say("debug"),
    info: say("info"),
    warn: say("warn"),
    error: say("error"),
    child: (fields) => recorder(lines, `${context}${JSON.stringify(fields)} `),
  };
}

describe("deferred logger", () => {
  it("hands on what was said before, then what is said later; children too", () => {
    const lines: string[] = [];
    const logger = new DeferredLogger();
    const early = logger.child({ a: 1 });
    logger.info("one");
    early.warn("two");
    early.child({ b: 2 }).error("three");
    assert.deepEqual(lines, []);
    logger.attach(recorder(lines));
    logger.debug("four");
    early.info("five");
    logger.child({ c: 3 }).info("six");
    assert.deepEqual(
      lines.toSorted(),
      [
        "debug four",
        'error {"a":1} {"b":2} three',
        "info one",
        'info {"a":1} five',
        'info {"c":3} six',
        'warn {"a":1} two',
      ].toSorted(),
    );
  });

  it("does not remember without end", () => {
    const lines: string[] = [];
    const logger = new DeferredLogger();
    for (let n = 0; n < 5_000; n++) logger.info(String(n));
    logger.attach(recorder(lines));
    assert.equal(lines.length, 1_000);
  });
});
