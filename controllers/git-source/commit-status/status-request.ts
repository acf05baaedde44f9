import type { GitUrl } from "../../../api/git/git-url.ts";
import { Masker } from "../../../lib/masker.ts";
import { oneLine } from "../../../lib/one-line.ts";

export type CommitState = "pending" | "success" | "failure";

export interface CommitStatus {
  type: "GitHub" | "GitLab" | "Gitea";
  /** Root of the API, as `https://git.example.com/api/v4`; absent: where this kind of server has it on the host of the repository. */
  apiUrl?: string;
  /** The repository, whose path names the project. */
  repository: GitUrl;
  token: string;
  /** 40 hexadecimal digits. */
  commit: string;
  state: CommitState;
  /** For people. Anything: it is masked, brought into one line and cut. */
  description: string;
  /** Tells this status from those of others: `wctl/NODE/NAMESPACE/NAME`. */
  context: string;
  /** Values of Secrets that the description may hold. */
  secrets?: Iterable<string>;
  /** PEM of an authority that is trusted beside those of everybody. */
  ca?: string;
  /** `http://HOST:PORT`, with USER:PASSWORD@ where it asks for them. */
  proxy?: string;
}

/** A POST of JSON. */
export interface StatusRequest {
  url: URL;
  headers: Record<string, string>;
  body: string;
}

/** As GitHub takes it; the others take more. */
const LONGEST_DESCRIPTION = 140;
const LONGEST_CONTEXT = 255;
const GITLAB_STATES = { pending: "pending", success: "success", failure: "failed" } as const;

/**
 * What is sent. Returns what is wrong, in words for people, when it cannot be.
 * https://docs.github.com/rest/commits/statuses, https://docs.gitlab.com/api/commits, https://docs.gitea.com/api (repoCreateStatus).
 */
export function statusRequest(status: CommitStatus): StatusRequest | string {
  const root = apiRoot(status);
  if (typeof root === "string") return root;
  const project = status.repository.path
    .replace(/^\/|\/$/g, "")
    .replace(/\.git$/, "")
    .split("/");
  if (project.length < 2 || project.some((part) => part === "" || part.includes("%")))
    return "spec.url names no project: its path must be OWNER/REPOSITORY";
  const description = oneLine(
    new Masker([status.token, ...(status.secrets ?? [])]).mask(status.description),
    LONGEST_DESCRIPTION,
  );
  const context = oneLine(status.context, LONGEST_CONTEXT);
  const { type, commit, state, token } = status;
  if (type === "GitLab") {
    return {
      url: below(root, `projects/${encodeURIComponent(project.join("/"))}/statuses/${commit}`),
      headers: { "PRIVATE-TOKEN": token },
      body: JSON.stringify({ state: GITLAB_STATES[state], name: context, description }),
    };
  }
  if (project.length > 2) return `spec.url names no project of ${type}: its path must be OWNER/REPOSITORY`;
  return {
    url: below(root, `repos/${project.join("/")}/statuses/${commit}`),
    headers:
      type === "GitHub"
        ? { ...bearer(token), Accept: "application/vnd.github+json" }
        : { Authorization: `token ${token}` },
    body: JSON.stringify({ state, context, description }),
  };
}

const bearer = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` });

/** A folder of the API: whatever stands in the root's own path stays. */
function below(root: URL, path: string): URL {
  const url = new URL(root);
  url.pathname = `${root.pathname.replace(/\/$/, "")}/${path}`;
  return url;
}

function apiRoot({ type, apiUrl, repository }: CommitStatus): URL | string {
  if (apiUrl === undefined) return new URL(usualRoot(type, repository));
  const url = URL.canParse(apiUrl) ? new URL(apiUrl) : undefined;
  if (url?.protocol !== "https:") return "spec.commitStatus.url must be https://HOST/PATH: the token is sent to it";
  if (url.username !== "" || url.password !== "") return "spec.commitStatus.url must not hold credentials";
  if (url.search !== "" || url.hash !== "") return "spec.commitStatus.url must not have a query or a fragment";
  return url;
}

/** The API of a server that is reached by ssh is looked for at the usual port. */
function usualRoot(type: CommitStatus["type"], { protocol, host, port }: GitUrl): string {
  const named = host.includes(":") ? `[${host}]` : host;
  const origin = `https://${named}${protocol === "https" ? `:${port}` : ""}`;
  if (type === "GitLab") return `${origin}/api/v4`;
  if (type === "Gitea") return `${origin}/api/v1`;
  return host === "github.com" ? "https://api.github.com" : `${origin}/api/v3`;
}
