import { Fragment } from 'react';

/** Values in one line, each with a direction of its own: what is written from right to left does not turn its neighbours around. */
export function Joined({ parts }: { parts: string[] }) {
  return <>{parts.map((p, i) => <Fragment key={i}>{i > 0 && ' · '}<bdi>{p}</bdi></Fragment>)}</>;
}
