import { GitError } from "../git-error.ts";

/** Counts what a server sends. `add` throws GitError when it is more than `most` bytes. */
export class Received {
  readonly #most: number;
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add({ length }: Uint8Array): void {
    this.#bytes += length;
    if (this.#bytes <= this.#most) return;
    throw new GitError(
      "LimitExceeded",
      `the server sends more than ${this.#most} bytes: make the repository smaller, or raise spec.limits of the GitSource`,
    );
  }
}
