/**
 * Probes, with exactly the semantics of Kubernetes (`pkg/kubelet/prober`): startup gates the other two; a liveness or startup
 * failure asks for a restart; readiness only gates. One scheduler serves all instances, so a hung probe never delays another.
 */
export interface Prober {
  /**
   * Begins to probe one run, or goes on. A call with the same run and an equal spec changes nothing. `initial` is the state to show until the first
   * result: an adopted run keeps what its status said.
   */
  set(target: ProbeTarget, probes: ProbeSet, initial?: { started: boolean; ready: boolean }): void;
  remove(uid: string): void;
  get(uid: string): ProbeState | undefined;
  /** Called when `ProbeState` of a uid changed, and on every failing or first successful result (for Events). */
  subscribe(listener: (uid: string, report: ProbeReport) => void): () => void;
  /** How many runs are watched (P19). */
  readonly size: number;
  close(): Promise<void>;
}

export interface ProbeTarget {
  uid: string;
  run: number;
  /** RFC 3339: initialDelaySeconds counts from here. */
  startedAt: string;
}

export interface ProbeSet {
  startup?: ProbeSpec;
  readiness?: ProbeSpec;
  liveness?: ProbeSpec;
}

export type ProbeKind = keyof ProbeSet;

/** As in the manifest, with its defaults filled in. */
export interface ProbeSpec {
  httpGet?: {
    host?: string;
    port: number;
    path?: string;
    scheme?: "HTTP" | "HTTPS";
    httpHeaders?: HttpHeaderSpec[];
  };
  tcpSocket?: { host?: string; port: number };
  exec?: { command: string[] };
  /** Its port is one that the manifest declares: only the instance's own tree may answer there. */
  ownPort?: true;
  initialDelaySeconds: number;
  periodSeconds: number;
  timeoutSeconds: number;
  successThreshold: number;
  failureThreshold: number;
}

export interface HttpHeaderSpec {
  name: string;
  /**
   * A function when the value comes from elsewhere: it is called until it answers, once. Undefined leaves the header out; an error means that the
   * probe cannot ask yet.
   */
  value: string | (() => string | undefined);
}

/** Where there is no probe of a kind, its field is what Kubernetes assumes: started, ready, healthy. */
export interface ProbeState {
  run: number;
  started: boolean;
  ready: boolean;
  /** Set when liveness or startup reached its failureThreshold: the run must be restarted. */
  restart?: { kind: ProbeKind; message: string };
  /** Why the run is not ready, or has not started yet: what its startup or readiness probe answered. Absent until it was asked, and once it succeeds. */
  failing?: { kind: "startup" | "readiness"; message: string };
  /** The last attempt could not ask at all, as with a command that is not there: nothing is known, and a person should know. */
  errored?: { kind: ProbeKind; message: string };
}

export interface ProbeReport {
  kind: ProbeKind;
  result: ProbeResult;
  /** The state changed; otherwise this is one more failure below or beyond the threshold. */
  changed: boolean;
}

export interface ProbeResult {
  outcome: "success" | "failure";
  /** `HTTP probe failed with statuscode: 500`, `dial tcp 127.0.0.1:8080: connect: connection refused`. */
  message: string;
  /** A success that deserves a word: the probe did not follow a redirect to another host. Kubernetes' Event `ProbeWarning`. */
  warning?: true;
  /** The probe could not ask (`Liveness probe errored: …`): this is a failure to tell of, but the state and the counts stay as before. */
  errored?: true;
}
