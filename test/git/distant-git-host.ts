import { request } from "node:http";
import { json } from "node:stream/consumers";
import type { GitHost } from "./git-host.ts";
import type { HostQuestion } from "./git-host-server.ts";

/** A host that a GitHostServer at `address` keeps. */
export async function openDistantGitHost(address: string, credentials: string): Promise<GitHost> {
  const { url, ca } = await asked<{ url: string; ca: string }>(address, { ask: "open", credentials });
  return {
    url,
    ca,
    commit: async (files) => (await asked<{ commit: string }>(address, { ask: "commit", host: url, files })).commit,
    goAway: () => asked(address, { ask: "goAway", host: url }),
    close: () => asked(address, { ask: "close", host: url }),
  };
}

async function asked<T>(address: string, question: HostQuestion): Promise<T> {
  const answer = await new Promise<T | { error: string }>((resolve, reject) => {
    const sent = request(address, { method: "POST", agent: false }, (response) => {
      (json(response) as Promise<T>).then(resolve, reject);
    });
    sent.on("error", reject).end(JSON.stringify(question));
  });
  if (typeof answer === "object" && answer !== null && "error" in answer) throw new Error(String(answer.error));
  return answer as T;
}
