/** Whose deliveries it understands: each signs in its own way. */
export type HookType = "GitHub" | "GitLab" | "Gitea" | "Generic";

/** What the deliveries for one source are signed with. */
export interface HookSecret {
  type: HookType;
  /** Shared with who sends them. An empty one signs nothing. */
  token: string;
}

/** What is behind the hooks. */
export interface HookTarget {
  /** Undefined: there is no such source, or it has no webhook, or its Secret has no token. */
  secretOf(namespace: string, name: string): Promise<HookSecret | undefined>;
  /** The source is looked at soon; however often this is called meanwhile, once. */
  trigger(namespace: string, name: string): void;
}
