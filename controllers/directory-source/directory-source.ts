import { DIRECTORY_LABEL } from "../../api/apply/source-marks.ts";
import type { Client } from "../../api/client.ts";
import type { Stored } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { Node } from "../../api/types.generated.ts";
import { YamlThread } from "../../api/yaml/yaml-thread.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { PathTrust } from "../../lib/path-trust.ts";
import type { EventRecorder } from "../../machinery/event-recorder.ts";
import { setNodeCondition } from "../instance/node/node-conditions.ts";
import type { SourceIdentity, SourceReader } from "../source/reader.ts";
import type { ReportTarget } from "../source/report.ts";
import { Source } from "../source/source.ts";
import { CONFIRMATION, Folder } from "./folder.ts";
import { watchFolder } from "./watch-folder.ts";

export interface DirectorySourceOptions {
  client: Client;
  /** `--manifests DIR`. */
  directory: string;
  /** Who may write there. */
  trust: PathTrust;
  /** All kinds; those that the daemon makes itself (Instances, Nodes, Events) cannot be declared. */
  resources: readonly Resource[];
  /** It may still be in registration: reports wait for it, manifests do not. */
  node: Stored<Node> | Promise<Stored<Node>>;
  recorder: EventRecorder;
  clock: Clock;
  logger: Logger;
}

/** For changes without an event, as on a network share. */
const RESYNC_MS = 300_000;

const IDENTITY: SourceIdentity = {
  label: DIRECTORY_LABEL,
  fieldManager: "wctl-directory",
  noun: "folder",
  unreadableReason: "DirectoryUnreadable",
  howToApprove: `put an empty file ${CONFIRMATION} into the folder to confirm`,
};

/** The daemon's own folder of manifests (`--manifests`): the engine of every source, with a folder as its reader and the Node to tell how it is. */
export function directorySource(options: DirectorySourceOptions): Source {
  return new Source({
    ...options,
    source: IDENTITY,
    reader: folderReader(options),
    target: nodeTarget(options),
    limits: { few: 10, share: 0.5 },
    besideInvalid: "Apply",
    prunes: true,
    drift: "Keep",
    overview: options.client,
    resyncMs: () => RESYNC_MS,
  });
}

function folderReader({ directory, trust, clock }: DirectorySourceOptions): SourceReader {
  const yaml = new YamlThread(clock);
  const folder = new Folder(directory, yaml, trust);
  return { read: () => folder.read(), watch: (on) => watchFolder(directory, on), close: () => yaml.close() };
}

const nodeTarget = ({ client, node, clock }: DirectorySourceOptions): ReportTarget => ({
  object: node,
  async setCondition(condition) {
    const { name } = (await node).metadata;
    await setNodeCondition(client, name, condition, clock);
  },
});
