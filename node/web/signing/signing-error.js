// Made from node/web/signing/source/signing-error.ts by node/web/signing/build.ts; do not edit.
/** Why something cannot be signed, or a key not be had, in words for people. */
export class SigningError extends Error {
                    name = "SigningError";
}
