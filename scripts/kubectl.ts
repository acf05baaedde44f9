// The kubectl programs that the tests drive the daemon with: `node scripts/run.mjs scripts/kubectl.ts` brings them and prints where they are.
import { bringAll } from "./kubectl/debian.ts";

for (const found of await bringAll())
  console.log(
    "path" in found ? `1.${found.minor} ${found.path}` : `SKIPPED kubectl of ${found.release}: ${found.missing}`,
  );
