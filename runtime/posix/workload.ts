import type { RunRecord } from "../runs/run-record.ts";
import { newWorkload, type Workload } from "../workload.ts";
import { ownAccount } from "./accounts/account.ts";
import type { LimitCounts } from "./containment/containment.ts";
import type { Pidfd } from "./process/pidfd.ts";

export interface PosixWorkload extends Workload {
  /** Present while the main process lives or waits to be seen as ended. */
  pidfd?: Pidfd;
  /** Of the group just before the run began: the group outlives runs. Of an adopted run, when it was found. */
  limitCountsBefore: LimitCounts;
  /** Stops watching limits and left-over processes. */
  release: (() => void)[];
}

export function makeWorkload(
  uid: string,
  record: RunRecord,
  adopted: boolean,
  held: Pick<PosixWorkload, "limitCountsBefore"> & Partial<Pick<PosixWorkload, "pidfd" | "spec">>,
): PosixWorkload {
  const shown = { adopted, treeAlive: true, account: accountText(record) };
  return { ...newWorkload(uid, record, shown), ...held, release: [] };
}

/** A dynamic account has no name but its number. */
const accountText = ({ account, accountId }: RunRecord): string =>
  account === undefined
    ? `${ownAccount().name}, as the daemon itself`
    : `${account}${accountId === undefined ? "" : ` (uid ${accountId})`}`;
