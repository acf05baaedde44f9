import { selfSubjectReviews } from "../../../api/reviews.ts";
import type { Identity } from "../../authentication/identity.ts";
import { ReviewStorage } from "./review.ts";

/** Who am I? With impersonation: as whom I act. */
export const selfSubjectReview = (): ReviewStorage =>
  new ReviewStorage(selfSubjectReviews, ({ authority }) => ({ status: { userInfo: userInfo(authority.user) } }));

const userInfo = ({ name, groups, uid, extra }: Identity) => ({
  username: name,
  ...(uid === undefined ? {} : { uid }),
  groups,
  ...(extra === undefined ? {} : { extra }),
});
