import type { HttpClient } from "../../api/http-client.ts";

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
  /** Gets the text of every warning of the server; prints it unless a verb knows better where it belongs. */
  onWarning: (text: string) => void;
  /** Reads the kubeconfig on the first call. No request is made. */
  open(): Promise<Connection>;
}
