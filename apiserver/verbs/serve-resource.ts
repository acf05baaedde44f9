import type { Storage, Verb } from "../registry/storage.ts";
import type { Serve } from "../services.ts";
import { attach } from "./attach.ts";
import { create } from "./create.ts";
import { remove } from "./delete.ts";
import { deleteCollection } from "./delete-collection.ts";
import { diff } from "./diff.ts";
import { exec } from "./exec.ts";
import { get } from "./get.ts";
import { list } from "./list.ts";
import { logs } from "./logs.ts";
import { patch } from "./patch.ts";
import { portForward } from "./port-forward.ts";
import { update } from "./update.ts";
import { watch } from "./watch.ts";

const verbs: Record<Verb, Serve> = {
  get,
  list,
  watch,
  create,
  update,
  patch,
  delete: remove,
  deletecollection: deleteCollection,
};

export const serveResource: Serve = (exchange, request, services) => {
  const { storage, verb } = request;
  return serveOf(storage, verb)(exchange, request, services);
};

/** What does not answer with Objects has a verb of its own. */
function serveOf(storage: Storage, verb: Verb): Serve {
  if (storage.streamLog) return logs;
  if (storage.diff) return diff;
  if (storage.openExec) return exec;
  if (storage.openAttach) return attach;
  return storage.openPorts ? portForward : verbs[verb];
}
