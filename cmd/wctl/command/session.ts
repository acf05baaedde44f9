import type { HttpClient } from "../../../api/http/http-client.ts";
import type { NoAnswer } from "../no-answer/no-answer.ts";

/** Where the server is and who we are there. */
export interface Connection {
  client: HttpClient;
  /** From `-n`, else from the context, else `default`. */
  namespace: string;
  /** `-n` was typed: files that name another namespace are refused. */
  namespaceGiven: boolean;
}

export interface Session {
  /** `--kubeconfig`, for the verbs that look at the file itself. */
  kubeconfig: string | undefined;
  /** `-n`, for the verbs that need no server. */
  namespace: string | undefined;
  /** Reads the kubeconfig on the first call. No request is made. */
  open(): Promise<Connection>;
  /** When no daemon has answered: what the local one has noted of that. Undefined: it was meant to be another, or there is nothing. */
  whyNoAnswer(): NoAnswer | undefined;
}
