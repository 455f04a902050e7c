// Made from node/web/signing/source/make-key.ts by node/web/signing/build.ts; do not edit.
import { bytesToHex } from "./hex.js";

import { SigningError } from "./signing-error.js";

/**
 * A new random key, and its secret as PKCS #8 PEM: the one moment when it can be had. Show it to the user, who may want to keep it, and let go of it.
 * `npm run wallet -- import` reads it.
 */
export async function makeKey()                                                              {
  const why = await whyNoSigning();
  if (why !== null) throw new SigningError(why);
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new SigningError("this browser made no pair of keys");
  const secret = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
  return { key: await keyOf(secret), pem: pemOf(secret) };
}

/** The key in a PKCS #8 PEM, as `makeKey` and `npm run wallet -- export` give it. Rejects with a `SigningError` for people. */
export async function importKey(pem        )                      {
  const why = await whyNoSigning();
  if (why !== null) throw new SigningError(why);
  const [, base64] = PEM.exec(pem) ?? [];
  if (base64 === undefined)
    throw new SigningError('this is no secret key: it should begin with "-----BEGIN PRIVATE KEY-----"');
  const key = await readKey(base64.replaceAll(/\s/g, ""));
  if (key === null) throw new SigningError("this is no Ed25519 key, or it is damaged");
  return key;
}

/** Null: no base64, or no Ed25519 key. Browsers say no more than that either. */
async function readKey(base64        )                             {
  try {
    const secret = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    // Not every browser looks whether something follows what the first bytes announce.
    return secret[1] === secret.length - 2 ? await keyOf(secret) : null;
  } catch {
    return null;
  }
}

/** Why this page cannot sign, in words for people; null if it can. */
export async function whyNoSigning()                         {
  // Away from this machine a page without TLS may have been changed on its way, and so may what it does with a key; browsers give it no keys.
  if (globalThis.crypto?.subtle === undefined)
    return "this browser signs only on pages of this machine (http://localhost, http://127.0.0.1) and pages over https";
  try {
    await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
    return null;
  } catch {
    return "this browser has no Ed25519: it takes Chrome 137, Firefox 129, Safari 17, or newer";
  }
}

const PEM = /^\s*-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----\s*$/;

/** Not to be exported again. The public key stands in no PKCS #8 of an Ed25519 key, but in its JWK. */
async function keyOf(secret                         )                      {
  const readable = await crypto.subtle.importKey("pkcs8", secret, "Ed25519", true, ["sign"]);
  const { x = "" } = await crypto.subtle.exportKey("jwk", readable);
  const base64 = x.replaceAll("-", "+").replaceAll("_", "/");
  const publicKey = bytesToHex(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
  const privateKey = await crypto.subtle.importKey("pkcs8", secret, "Ed25519", false, ["sign"]);
  return { publicKey, privateKey };
}

function pemOf(secret            )         {
  const base64 = btoa(String.fromCharCode(...secret));
  return `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n`;
}
