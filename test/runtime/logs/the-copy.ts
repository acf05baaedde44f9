import type { LoggedCopy } from "../../../api/copy.ts";

/** What tests of one Instance read: that Instance. */
export const theCopy: LoggedCopy = { owner: "a", index: 0, instance: "a", isInstance: true };
