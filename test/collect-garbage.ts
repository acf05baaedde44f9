import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");

/** All that nothing holds any more is let go of, before it returns. Buffers may be freed a moment later. */
export const collectGarbage = runInNewContext("gc") as () => void;
