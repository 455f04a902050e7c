// Made from node/core/support/invariant.ts by node/web/signing/build.ts; do not edit.
/** One of our own mistakes. Never caught to carry on: it stops the node, or fails the run's verdict. */
export class InvariantError extends Error {
                    name = "InvariantError";
}

/** Trips on what only a bug of ours can bring about; on in production, because a wrong number is worse than none. */
export function invariant(condition         , message        )                    {
  if (!condition) throw new InvariantError(message);
}
