import type { Verb } from "../registry/storage.ts";
import type { Serve } from "../services.ts";
import { create } from "./create.ts";
import { remove } from "./delete.ts";
import { deleteCollection } from "./delete-collection.ts";
import { exec } from "./exec.ts";
import { get } from "./get.ts";
import { list } from "./list.ts";
import { logs } from "./logs.ts";
import { patch } from "./patch.ts";
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
  const serve = storage.streamLog ? logs : storage.openExec ? exec : verbs[verb];
  return serve(exchange, request, services);
};
