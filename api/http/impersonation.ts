/** As whom the requests are to be served, by somebody who may do that: Kubernetes' user impersonation. */
export interface Impersonation {
  user: string;
  uid?: string;
  groups?: readonly string[];
  extra?: Readonly<Record<string, readonly string[]>>;
}

/** The headers that say it. Names of extra values are escaped, since a header's name takes few characters. */
export const impersonationHeaders = ({
  user,
  uid,
  groups = [],
  extra = {},
}: Impersonation): Record<string, string | string[]> => ({
  "impersonate-user": user,
  ...(uid === undefined ? {} : { "impersonate-uid": uid }),
  ...(groups.length === 0 ? {} : { "impersonate-group": [...groups] }),
  ...Object.fromEntries(
    Object.entries(extra).map(([key, values]) => [
      `impersonate-extra-${encodeURIComponent(key.toLowerCase())}`,
      [...values],
    ]),
  ),
});
