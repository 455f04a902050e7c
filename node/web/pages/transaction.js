import { html, nothing } from "/web/lit/lit-html.js";
import { hasCrypto, sha256 } from "../chain/hex.js";
import { verifyInclusion } from "../chain/inclusion-proof.js";
import { ask } from "../shell/api.js";
import * as format from "../shell/format.js";
import { accountLink, blockLink, facts } from "./parts.js";

/** @import { Found, OneBlock, Page, PageContext, Status } from "../types.js" */
/** @import { TransactionBody } from "../../core/chain/types.ts" */
/** @import { Verified } from "../chain/inclusion-proof.js" */
/** @import { Step } from "../chain/merkle-path.js" */

/**
 * One transaction, with the proof that it is in its block, checked here.
 * @param {PageContext} context
 * @returns {Page}
 */
export function open({ params: [id = ""] }) {
  /** @type {Found} */
  let found;
  /** @type {Verified | null} */
  let verified = null;
  let checkedBlock = "";
  return {
    title: "Transaction",
    reloadOn: ["tip-changed"],
    async load() {
      found = await ask(`/transactions/${encodeURIComponent(id)}`);
      if (found.block === null) verified = null;
      if (found.block === null || found.block === checkedBlock || !hasCrypto()) return;
      /** @type {[OneBlock, Status]} */
      const [block, { chain }] = await Promise.all([ask(`/blocks/${found.block}`), ask("/status")]);
      // Asked for by the id in the address: what the node calls it is not what is proved.
      const own = {
        text: "The SHA-256 of the transaction’s bytes is its id.",
        holds: (await idOf(found.transaction)) === id,
      };
      const proved = await verifyInclusion(id, found.proof, block, chain.seal);
      verified = { ...proved, holds: own.holds && proved.holds, checks: [own, ...proved.checks] };
      checkedBlock = found.block;
    },
    render: () => html`
      <h1 tabindex="-1">Transaction</h1>
      ${place(found)}
      ${facts([["Id", html`<code>${found.transaction.id}</code>`], ...bodyFacts(found), ...commonFacts(found)])}
      ${found.block === null ? nothing : proofSection(found, verified)}
    `,
  };
}

/**
 * The id that the bytes of a transaction give, which the node encodes as well.
 * @param {Found["transaction"]} transaction
 */
async function idOf({ body, sender, sequence, fee, signature }) {
  const { encodeTransaction } = await import("/web/signing/transaction-bytes.js");
  const amounts = "amount" in body ? { amount: BigInt(body.amount) } : {};
  const exact = /** @type {TransactionBody} */ ({ ...body, ...amounts });
  return await sha256(encodeTransaction({ body: exact, sender, sequence, fee: BigInt(fee), signature }));
}

/** @param {Found} found */
function place({ state, block, height, confirmations }) {
  if (state === "waiting" || block === null)
    return html`<p class="notice" role="status">Waiting for a block.</p>`;
  return html`<p class="notice good" role="status">In block ${blockLink(block)} at height ${format.count(height ?? 0)}, ${format.counted(confirmations, "confirmation")}.</p>`;
}

/**
 * @param {Found} found
 * @returns {[string, unknown][]}
 */
function bodyFacts({ transaction: { body } }) {
  switch (body.kind) {
    case "coinbase":
      return [
        ["Kind", "reward of a block"],
        ["Amount", format.count(body.amount)],
      ];
    case "transfer":
      return [
        ["Kind", "transfer"],
        ["To", accountLink(body.recipient)],
        ["Amount", format.count(body.amount)],
      ];
    case "post":
      return [
        ["Kind", "post"],
        ["Text", html`<span class="text">${body.text}</span>`],
      ];
    case "app":
      return appFacts(body);
  }
}

/**
 * @param {{ readonly app: string, readonly payload: string }} body
 * @returns {[string, unknown][]}
 */
function appFacts({ app, payload }) {
  return [
    ["Application", app],
    ["Payload", html`<code class="text">${payload}</code>`],
  ];
}

/**
 * @param {Found} found
 * @returns {[string, unknown][]}
 */
function commonFacts({ transaction: { body, sender, sequence, fee, sizeBytes, signature } }) {
  const isCoinbase = body.kind === "coinbase";
  return [
    [isCoinbase ? "Miner" : "From", accountLink(sender)],
    ...(isCoinbase
      ? []
      : /** @type {[string, unknown][]} */ ([
          ["Sequence", sequence],
          ["Fee", format.count(fee)],
        ])),
    ["Size", format.bytes(sizeBytes)],
    ...(isCoinbase
      ? []
      : /** @type {[string, unknown][]} */ ([["Signature", html`<code>${signature}</code>`]])),
  ];
}

/**
 * @param {Found} found
 * @param {Verified | null} verified
 */
function proofSection({ proof }, verified) {
  return html`<section aria-labelledby="proof">
    <h2 id="proof">Proof of inclusion</h2>
    ${
      verified === null
        ? html`<p class="notice">Not checked: at this address the browser offers no cryptography. It does on the node’s own machine (http://127.0.0.1 or http://localhost) and over HTTPS.</p>`
        : html`
          <p class=${verified.holds ? "notice good" : "notice bad"} role="status">
            ${verified.holds ? "Checked by this browser: the block commits to this transaction." : "This proof does not hold."}
          </p>
          <ul class="checks">
            ${verified.checks.map(({ text, holds }) => html`<li class=${holds ? "good" : "bad"}><span class="mark">${holds ? "holds" : "fails"}</span> ${text}</li>`)}
          </ul>
          ${proof === null ? nothing : html`<p>Leaf ${format.count(proof.index)} (counted from 0) of ${format.count(proof.leafCount)}. Each step is one SHA-256; what the proof gave is <em class="given">set apart</em>, all else was computed here.</p>`}
          <ol class="steps">${verified.steps.map(stepText)}</ol>
        `
    }
  </section>`;
}

/** @param {Step} step */
function stepText({ kind, left, right, sibling, hash }) {
  const result = html`<span>= <code>${hash}</code></span>`;
  if (kind === "leaf") return html`<li><span>SHA-256 of <code>00</code> and the id</span> ${result}</li>`;
  if (kind === "alone") return html`<li><span>goes up without a partner</span> ${result}</li>`;
  return html`<li>
    <span>SHA-256 of <code>01</code>, ${operand(left, sibling === "left")} and ${operand(right, sibling === "right")}</span>
    ${result}
  </li>`;
}

/**
 * @param {string | null} hash
 * @param {boolean} isGiven
 */
function operand(hash, isGiven) {
  const text = format.short(hash ?? "");
  return isGiven
    ? html`<em class="given"><code title=${hash ?? ""}>${text}</code></em>`
    : html`<code title=${hash ?? ""}>${text}</code>`;
}
