import { html, nothing } from "/web/lit/lit-html.js";
import { accountLink, outcomeText } from "/web/pages/parts.js";
import { formWork, mineText, submittedText } from "/web/pages/signer-choice.js";
import { ask, tell } from "/web/shell/api.js";
import {
  forgetKey,
  importNamedKey,
  listKeys,
  makeNamedKey,
  signAndSubmit,
  signAndSubmitApp,
  whyNoSigning,
} from "/web/shell/browser-keys.js";
import * as format from "/web/shell/format.js";

/** @import { Account, Page, PageContext, Status } from "/web/types.js" */

/**
 * @typedef {object} Held A key of this browser and what its account has.
 * @property {string} name
 * @property {string} publicKey
 * @property {Account} account
 */

const KEY = /^[0-9a-f]{64}$/;

/**
 * @typedef {object} WalletState
 * @property {readonly Held[]} held
 * @property {string | null} fault Why there can be no keys here, in words.
 * @property {Status | null} status
 * @property {{ name: string, pem: string } | null} secret Of the key that was made last, until it is put away.
 */

/**
 * Coins, with keys that this browser made and keeps.
 * @param {PageContext} context
 * @returns {Page}
 */
export function open({ update, reload }) {
  const work = formWork(update);
  /** @type {WalletState} */
  const state = { held: [], fault: null, status: null, secret: null };
  const acts = walletActs(state, work, reload);
  const hideSecret = () => {
    state.secret = null;
    update();
  };
  return {
    title: "Wallet",
    reloadOn: ["tip-changed", "transaction-accepted"],
    async load() {
      state.fault = await whyNoSigning();
      state.status = await ask("/status");
      if (state.fault !== null) return;
      const keys = await listKeys();
      state.held = await Promise.all(
        keys.map(async (key) => ({ ...key, account: await ask(`/accounts/${key.publicKey}?limit=1`) })),
      );
    },
    render() {
      const { held, fault, secret, status } = state;
      if (fault !== null)
        return html`<h1 tabindex="-1">Wallet</h1><p class="notice bad">No keys here: ${fault}.</p>`;
      return html`
        <h1 tabindex="-1">Wallet</h1>
        <p>Keys are made by this browser and stay in it; the node never sees their secrets. Amounts are in the chain’s smallest units; a block rewards its finder with ${format.count(status?.chain.blockReward ?? 0)}.</p>
        ${keyTable(held, acts.forget)}
        ${secret === null ? nothing : secretText(secret, hideSecret)}
        ${outcomeText(work.outcome)}
        ${held.length === 0 ? nothing : payForm(held, acts.pay, work.isBusy)}
        ${held.length === 0 ? nothing : askForm(held, acts.askForCoins, work.isBusy)}
        <div class="actions"><button type="button" @click=${acts.mine} ?disabled=${work.isBusy}>Ask for mining</button></div>
        <h2>More keys</h2>
        ${keyForms(acts.make, acts.take, work.isBusy)}
      `;
    },
  };
}

/**
 * What the forms of the page do.
 * @param {WalletState} state
 * @param {ReturnType<typeof formWork>} work
 * @param {() => void} reload
 */
function walletActs(state, work, reload) {
  /**
   * The page shows what came of it.
   * @param {(field: (name: string) => string) => Promise<unknown>} act
   * @param {readonly string[]} [emptied]
   */
  const onSubmit = (act, emptied) =>
    work.on(async (field) => {
      const said = await act(field);
      reload();
      return said;
    }, emptied);
  return {
    make: onSubmit(
      async (field) => {
        const name = field("name");
        const { publicKey, pem } = await makeNamedKey(name);
        state.secret = { name, pem };
        return html`The key ${name} is made; its account is ${accountLink(publicKey)}.`;
      },
      ["name"],
    ),
    take: onSubmit(
      async (field) => {
        const publicKey = await importNamedKey(field("name"), field("pem"));
        return html`The key is kept in this browser; its account is ${accountLink(publicKey)}.`;
      },
      ["name", "pem"],
    ),
    pay: onSubmit(
      (field) => send(state.held, field("from"), field("to"), field("amount"), field("fee")),
      ["to", "amount"],
    ),
    askForCoins: onSubmit(async (field) => {
      const recipient = state.held.find(({ name }) => name === field("key"))?.publicKey;
      const wanted = { sender: state.status?.minerAccount, recipient, amount: Number(field("coins")) };
      /** @type {{ message: string }} */
      const { message } = await tell("/coin/transactions/new", wanted);
      return message;
    }),
    mine: () =>
      work.run(async () => {
        const said = await mineText(state.status?.mining.mode ?? "off", () => tell("/mine", {}));
        reload();
        return said;
      }),
    /** @param {string} name */
    forget(name) {
      const question = `Forget the key ${name}? Without a copy of its secret nobody can spend from its account again.`;
      if (!confirm(question)) return;
      void work.run(async () => {
        await forgetKey(name);
        reload();
        return `The key ${name} is forgotten.`;
      });
    },
  };
}

/**
 * @param {readonly Held[]} held
 * @param {string} from
 * @param {string} to
 * @param {string} amountText
 * @param {string} feeText
 */
async function send(held, from, to, amountText, feeText) {
  const key = held.find(({ name }) => name === from);
  if (key === undefined) throw new Error("Choose a key to pay from.");
  const [amount, fee] = [wholeUnits(amountText, "amount"), wholeUnits(feeText === "" ? "0" : feeText, "fee")];
  const recipient = held.find(({ name }) => name === to)?.publicKey ?? to;
  if (KEY.test(recipient))
    return submittedText(await signAndSubmit({ kind: "transfer", recipient, amount }, from, fee));
  // A name of coin: its account belongs to whoever spends from it first.
  const payload = { from: key.publicKey, to: recipient, amount: String(amount) };
  return submittedText(await signAndSubmitApp("coin", payload, from));
}

/**
 * @param {string} text
 * @param {string} what
 */
function wholeUnits(text, what) {
  const digits = text.replaceAll(/[,\s]/g, "");
  if (!/^\d{1,19}$/.test(digits)) throw new Error(`The ${what} is a whole number of units.`);
  return BigInt(digits);
}

/**
 * @param {readonly Held[]} held
 * @param {(name: string) => void} forget
 */
function keyTable(held, forget) {
  if (held.length === 0)
    return html`<p class="notice">This browser has no key for this node yet. Make one below.</p>`;
  return html`<table>
    <caption>Keys of this browser</caption>
    <thead>
      <tr>
        <th scope="col">Name</th>
        <th scope="col">Account</th>
        <th scope="col" class="number">Balance</th>
        <th scope="col"><span class="unseen">Actions</span></th>
      </tr>
    </thead>
    <tbody>
      ${held.map(
        ({ name, publicKey, account }) => html`<tr>
          <th scope="row">${name}</th>
          <td>${accountLink(publicKey)}</td>
          <td class="number">${format.count(account.balance)}${account.nextToSubmit > account.nextSequence ? html`<br /><span class="muted">${account.nextToSubmit - account.nextSequence} waiting</span>` : nothing}</td>
          <td class="number"><button type="button" aria-label="Forget the key ${name}" @click=${() => forget(name)}>Forget</button></td>
        </tr>`,
      )}
    </tbody>
  </table>`;
}

/**
 * @param {{ name: string, pem: string }} secret
 * @param {() => void} hide
 */
function secretText({ name, pem }, hide) {
  return html`<section class="notice" aria-labelledby="secret-title">
    <h2 id="secret-title">The secret of ${name}</h2>
    <p>Shown this once. Whoever has it can spend from the account; without it nothing brings the key back when this browser loses its data.</p>
    <label for="secret" class="unseen">Secret of ${name}</label>
    <textarea id="secret" class="secret" readonly rows="3" spellcheck="false" .value=${pem}></textarea>
    <p><button type="button" @click=${hide}>I have kept it</button></p>
  </section>`;
}

/**
 * @param {readonly Held[]} held
 * @param {(event: SubmitEvent) => void} pay
 * @param {boolean} isBusy
 */
function payForm(held, pay, isBusy) {
  return html`<h2>Send coins</h2>
    <form class="stack" @submit=${pay}>
      <label for="from">From</label>
      <select id="from" name="from">
        ${held.map(({ name, account }) => html`<option value=${name}>${name}: ${format.count(account.balance)}</option>`)}
      </select>
      <label for="to">To</label>
      <input id="to" name="to" required maxlength="100" autocomplete="off" spellcheck="false" aria-describedby="to-hint" />
      <p class="hint" id="to-hint">An account of 64 digits, a key of this browser, or a name: whoever spends from a name first owns it.</p>
      <div class="row">
        <div><label for="amount">Amount</label><input id="amount" name="amount" required inputmode="numeric" autocomplete="off" /></div>
        <div><label for="fee">Fee</label><input id="fee" name="fee" value="0" inputmode="numeric" autocomplete="off" /></div>
      </div>
      <button type="submit" class="main" ?disabled=${isBusy}>Sign and send</button>
    </form>`;
}

/**
 * Coins of the node's own account, which its blocks are rewarded to.
 * @param {readonly Held[]} held
 * @param {(event: SubmitEvent) => void} askForCoins
 * @param {boolean} isBusy
 */
function askForm(held, askForCoins, isBusy) {
  return html`<details>
    <summary>Ask this node for coins</summary>
    <form class="line" @submit=${askForCoins}>
      <label for="coins">Coins</label>
      <input id="coins" name="coins" type="number" required min="0" step="any" value="1" />
      <label for="for-key">for</label>
      <select id="for-key" name="key">${held.map(({ name }) => html`<option value=${name}>${name}</option>`)}</select>
      <button type="submit" ?disabled=${isBusy}>Ask</button>
    </form>
    <p class="hint">From the account of its miner; a coin is the reward of a block.</p>
  </details>`;
}

/**
 * @param {(event: SubmitEvent) => void} make
 * @param {(event: SubmitEvent) => void} take
 * @param {boolean} isBusy
 */
function keyForms(make, take, isBusy) {
  return html`<form class="line" @submit=${make}>
      <label for="new-name">Name</label>
      <input id="new-name" name="name" required maxlength="60" autocomplete="off" />
      <button type="submit" ?disabled=${isBusy}>Make a key</button>
    </form>
    <details>
      <summary>Bring a key that you have</summary>
      <form class="stack" @submit=${take}>
        <label for="import-name">Name</label>
        <input id="import-name" name="name" required maxlength="60" autocomplete="off" />
        <label for="pem">Secret, as PEM</label>
        <textarea id="pem" name="pem" class="secret" required rows="3" spellcheck="false" placeholder="-----BEGIN PRIVATE KEY-----"></textarea>
        <button type="submit" ?disabled=${isBusy}>Keep it in this browser</button>
      </form>
    </details>`;
}
