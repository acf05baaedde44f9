/** A copy of a Process: what stays the same over its Instances, revisions and runs. State and output belong to it (docs/decisions/0034). */
export interface Copy {
  /** The uid of the Process; of the Instance itself when no Process owns it. */
  owner: string;
  index: number;
}

/** A copy with the names that people know it by. */
export interface NamedCopy extends Copy {
  namespace: string;
  process: string;
  /** Of its program, as the manifest names it (`accountOf`). Absent: an earlier version did not note it. */
  account?: string;
  /** Of the store, when its Instance was read last. */
  revision: number;
  /** Which store that was (`StoreSessions`). Absent: a version before 0.2 had no name for it. */
  store?: string;
  /** It is there only while other copies are replaced. In the note of a home: it was made for such a copy, and for nobody else since. */
  standIn?: true;
}
