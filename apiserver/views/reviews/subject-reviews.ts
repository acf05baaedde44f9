import { invalid } from "../../../api/errors.ts";
import { selfSubjectReviews, tokenReviews } from "../../../api/reviews.ts";
import type { Identity } from "../../authentication/identity.ts";
import type { VerifiedToken } from "../../authentication/service-account-tokens.ts";
import { required } from "../../validation/field-error.ts";
import { ReviewStorage } from "./review.ts";
import { reviewSchemas } from "./review-schemas.ts";

/** Who am I? With impersonation: as whom I act. */
export const selfSubjectReview = (): ReviewStorage =>
  new ReviewStorage(selfSubjectReviews, reviewSchemas.none, ({ authority }) => ({
    status: { userInfo: userInfo(authority.user) },
  }));

type Verify = (token: string, audiences?: readonly string[]) => VerifiedToken | undefined;

/** Whose is this token? For programs that are shown one. */
export const tokenReview = (verify: Verify): ReviewStorage =>
  new ReviewStorage(tokenReviews, reviewSchemas.token, ({ spec }) => {
    const { token = "", audiences } = spec as { token?: string; audiences?: string[] };
    if (token === "")
      throw invalid(tokenReviews, "", [required("spec.token", "token is required for TokenReview in authentication")]);
    const found = verify(token, audiences?.length ? audiences : undefined);
    if (!found) return { status: { user: {}, error: "invalid bearer token" } };
    return { status: { authenticated: true, user: userInfo(found.identity), audiences: found.audiences } };
  });

const userInfo = ({ name, groups, uid, extra }: Identity) => ({
  username: name,
  ...(uid === undefined ? {} : { uid }),
  groups,
  ...(extra === undefined ? {} : { extra }),
});
