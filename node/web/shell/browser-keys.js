import { ask, tell } from "./api.js";

/** @import { KeyShelf } from "../signing/source/key-shelf.ts" */
/** @import { UnsignedTransaction } from "../signing/source/sign-transaction.ts" */
/** @import { Account, Status } from "../types.js" */

/** What signs is loaded when somebody wants to sign, or sees which keys there are. */
const loadShelf = () => import("/web/signing/key-shelf.js");
const loadSign = () => import("/web/signing/sign-transaction.js");
const loadMake = () => import("/web/signing/make-key.js");

/** @type {Promise<KeyShelf> | null} */
let shelf = null;

async function openShelf() {
  shelf ??= loadShelf().then(({ KeyShelf }) => KeyShelf.open());
  return await shelf;
}

/** The keys that this browser keeps for this node's pages, by name; none where it keeps nothing, as in a private window. */
export async function listKeys() {
  try {
    return await (await openShelf()).list();
  } catch {
    shelf = null;
    return [];
  }
}

/** Why this page cannot sign, in words; null if it can. */
export async function whyNoSigning() {
  return await (await loadMake()).whyNoSigning();
}

/**
 * Makes a key and keeps it; its secret, the one time that it can be had.
 * @param {string} name
 */
export async function makeNamedKey(name) {
  await refuseTaken(name);
  const { key, pem } = await (await loadMake()).makeKey();
  await (await openShelf()).put(name, key);
  return { publicKey: key.publicKey, pem };
}

/**
 * @param {string} name
 * @param {string} pem
 */
export async function importNamedKey(name, pem) {
  await refuseTaken(name);
  const key = await (await loadMake()).importKey(pem);
  await (await openShelf()).put(name, key);
  return key.publicKey;
}

/** @param {string} name */
export async function forgetKey(name) {
  await (await openShelf()).remove(name);
}

/** @param {string} name A key that is replaced is a key that is lost. */
async function refuseTaken(name) {
  if ((await (await openShelf()).get(name)) !== null)
    throw new Error(`There is a key of the name ${name} already.`);
}

/**
 * Signs with a key of this browser and submits; the transaction's id.
 * @param {UnsignedTransaction["body"]} body
 * @param {string} keyName
 * @param {bigint} [fee]
 * @returns {Promise<string>}
 */
export async function signAndSubmit(body, keyName, fee = 0n) {
  const key = await (await openShelf()).get(keyName);
  if (key === null) throw new Error(`This browser keeps no key of the name ${keyName}.`);
  /** @type {[Status, Account]} */
  const [{ genesis }, { nextToSubmit }] = await Promise.all([
    ask("/status"),
    ask(`/accounts/${key.publicKey}?limit=1`),
  ]);
  const { signTransaction } = await loadSign();
  const signed = await signTransaction({ body, sequence: nextToSubmit, fee }, genesis, key);
  /** @type {{ id: string }} */
  const { id } = await tell("/transactions", signed);
  return id;
}

/**
 * The same for an application, whose payload is the text of a JSON object.
 * @param {string} app
 * @param {object} payload
 * @param {string} keyName
 */
export async function signAndSubmitApp(app, payload, keyName) {
  return await signAndSubmit({ kind: "app", app, payload: JSON.stringify(payload) }, keyName);
}
