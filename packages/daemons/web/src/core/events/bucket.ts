import type { Instant } from "@passerelle/time";

/** A token bucket: so many a second in the mean, and a burst. */
export interface Bucket {
  readonly tokens: number;
  readonly at: Instant;
}

export interface BucketRate {
  readonly perSecond: number;
  readonly burst: number;
}

export function fullBucket(rate: BucketRate, now: Instant): Bucket {
  return { tokens: rate.burst, at: now };
}

/** The bucket without one token more; undefined where it is empty. */
export function take(bucket: Bucket, rate: BucketRate, now: Instant): Bucket | undefined {
  const grown = bucket.tokens + ((now - bucket.at) / 1000) * rate.perSecond;
  const tokens = Math.min(rate.burst, grown);
  return tokens < 1 ? undefined : { tokens: tokens - 1, at: now };
}
