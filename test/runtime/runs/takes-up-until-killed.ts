/** Gives the copy 0 of `new` the home that an earlier Process of its name has left in this data directory, as a start does. */

import { enterHome } from "../../../runtime/runs/enter-home.ts";
import { FolderHomes } from "../../../runtime/runs/folder-homes.ts";
import { InstanceFiles } from "../../../runtime/runs/instance-files.ts";
import { RunRecords } from "../../../runtime/runs/run-records.ts";

const [dataDir = ""] = process.argv.slice(2);
const files = new InstanceFiles(dataDir);
const keeping = { files, records: new RunRecords(files) };
const homes = new FolderHomes({
  files: files.homes,
  removeFolder: () => Promise.reject(new Error("nothing is removed here")),
  openFolder: () => Promise.reject(new Error("nothing is measured here")),
  onTakenUp: () => {},
});
const copy = { owner: "new", index: 0, namespace: "default", process: "web", revision: 9 };
await homes.enter({ uid: "u", copy }, async () => enterHome(keeping, "u", copy, "2026-01-01T00:00:00.000Z"));
process.stdout.write("entered\n");
