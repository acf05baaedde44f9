/**
 * Opens the encrypted store named by the first argument and rotates its key; writes a record under each revision before, between and after. Prints
 * `ready`, then `done ID` when all is done. The test kills it at any point.
 */

import { Encryption } from "../../../apiserver/encryption/encryption.ts";
import { KeyFile } from "../../../apiserver/encryption/key-file.ts";
import { noProtection } from "../../../apiserver/encryption/key-protection.ts";
import { KeyRing } from "../../../apiserver/encryption/key-ring.ts";
import { KeyRotation } from "../../../apiserver/encryption/key-rotation.ts";
import { systemClock } from "../../../lib/clock.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { SqliteStore } from "../../../store/sqlite/sqlite-store.ts";

const [file = "", keys = ""] = process.argv.slice(2);
const ring = await KeyRing.open(new KeyFile(keys, noProtection));
const transformer = new Encryption([""], ring, systemClock);
const store = await SqliteStore.open({ file, logger: silentLogger, clock: systemClock, transformer });
const rotation = new KeyRotation({ ring, store, clock: systemClock, logger: silentLogger });
await rotation.finishInterrupted();
process.stdout.write("ready\n");
const { key } = await rotation.rotate({ dryRun: false });
process.stdout.write(`done ${key.id}\n`);
await store.close();
