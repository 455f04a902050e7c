import { html, nothing } from "/web/lit/lit-html.js";
import { outcomeText, payloadOf, timeOf, transactionLink } from "/web/pages/parts.js";
import { formWork, KEYRING, mineText, signerChoice, submittedText } from "/web/pages/signer-choice.js";
import { ask, tell } from "/web/shell/api.js";
import { listKeys, signAndSubmitApp } from "/web/shell/browser-keys.js";
import * as format from "/web/shell/format.js";

/** @import { Mempool, Page, PageContext, Status, TransactionJson, TransactionPage } from "/web/types.js" */

/** Transactions that one request looks through, and requests for one page: other kinds may be most of a chain. */
const SCAN_COUNT = 250;
const SCANS_MAX = 8;

/** Posts of one page. */
const POSTS_COUNT = 30;

/** As the rules of the board have it. */
const AUTHOR_LENGTH_MAX = 100;
const CONTENT_LENGTH_MAX = 2_000;

/**
 * @typedef {object} Post
 * @property {string} id
 * @property {string} author
 * @property {string} content
 * @property {number | null} timestampMs
 * @property {string} signer
 * @property {{ hash: string, height: number } | null} block Null: waits for one.
 */

/**
 * The message board: write, and read the newest first.
 * @param {PageContext} context
 * @returns {Page}
 */
export function open({ update, reload, query }) {
  const work = formWork(update);
  /** @type {Status} */
  let status;
  /** @type {readonly Post[]} */
  let waiting = [];
  /** @type {{ posts: readonly Post[], next: string | null }} */
  let page = { posts: [], next: null };
  /** @type {Awaited<ReturnType<typeof listKeys>>} */
  let keys = [];
  const before = query.get("before");

  const post = work.on(
    async (field) => {
      const [author, content, signer] = [field("author"), field("content"), field("signer")];
      const said = await send(author, content, signer);
      reload();
      return said;
    },
    ["content"],
  );
  const mine = () =>
    work.run(async () => {
      const said = await mineText(status.mining.mode, () => tell("/mine", {}));
      reload();
      return said;
    });
  const resync = () =>
    work.run(async () => {
      reload();
      return "Read again from the node.";
    });

  return {
    title: "Board",
    reloadOn: ["tip-changed", "transaction-accepted"],
    async load() {
      /** @type {Mempool} */
      let mempool;
      [status, mempool, page, keys] = await Promise.all([
        ask("/status"),
        ask("/mempool?limit=1000"),
        postsBefore(before),
        listKeys(),
      ]);
      waiting = mempool.transactions.flatMap((transaction) => postOf(transaction, null)).toReversed();
    },
    render: () => html`
      <h1 tabindex="-1">Message board</h1>
      ${before === null ? writeForm(post, keys, work.isBusy) : nothing}
      <div class="actions">
        <button type="button" @click=${mine} ?disabled=${work.isBusy}>Ask for mining</button>
        <button type="button" @click=${resync}>Resync</button>
      </div>
      ${outcomeText(work.outcome)}
      <h2>Posts, the newest first</h2>
      ${before === null ? postList(waiting) : nothing}
      ${page.posts.length === 0 && waiting.length === 0 ? html`<p class="muted">No posts ${page.next === null ? "yet" : "among the newest transactions"}.</p>` : postList(page.posts)}
      <nav class="pager" aria-label="More posts">
        ${before === null ? nothing : html`<a href="#/board">Newest</a>`}
        ${page.next === null ? nothing : html`<a href="#/board?before=${page.next}">Older</a>`}
      </nav>
    `,
  };
}

/**
 * @param {string} author
 * @param {string} content
 * @param {string} signer
 */
async function send(author, content, signer) {
  if (signer !== KEYRING)
    return submittedText(
      await signAndSubmitApp("board", { author, content, timestampMs: Date.now() }, signer),
    );
  await tell("/board/new_transaction", { author, content });
  return "Posted: it waits for a block.";
}

/**
 * @param {(event: SubmitEvent) => void} post
 * @param {Awaited<ReturnType<typeof listKeys>>} keys
 * @param {boolean} isBusy
 */
function writeForm(post, keys, isBusy) {
  return html`<form class="stack" @submit=${post}>
    <label for="author">Author</label>
    <input id="author" name="author" required maxlength=${AUTHOR_LENGTH_MAX} autocomplete="nickname" />
    <label for="content">Message</label>
    <textarea id="content" name="content" required maxlength=${CONTENT_LENGTH_MAX}></textarea>
    ${signerChoice("signer", keys)}
    <button type="submit" class="main" ?disabled=${isBusy}>Post</button>
  </form>`;
}

/** @param {readonly Post[]} posts */
function postList(posts) {
  if (posts.length === 0) return nothing;
  return html`<ol class="posts">
    ${posts.map(
      (post) => html`<li>
        <span class="initial" aria-hidden="true">${[...post.author][0]}</span>
        <article>
          <span class="by">${post.author}</span>
          <span class="muted">
            ${post.timestampMs === null ? nothing : timeOf(post.timestampMs)},
            ${post.block === null ? html`<strong>waits for a block</strong>` : html`block <a href="#/blocks/${post.block.hash}">${format.count(post.block.height)}</a>`},
            ${transactionLink(post.id)}
          </span>
          <p>${post.content}</p>
        </article>
      </li>`,
    )}
  </ol>`;
}

/**
 * Looks through the chain, from its end or from where the page before ended.
 * @param {string | null} before
 */
async function postsBefore(before) {
  /** @type {Post[]} */
  const posts = [];
  let next = before;
  for (let scans = 0; scans < SCANS_MAX && posts.length < POSTS_COUNT; scans += 1) {
    /** @type {TransactionPage} */
    const page = await ask(`/transactions?limit=${SCAN_COUNT}${next === null ? "" : `&before=${next}`}`);
    for (const { transaction, block, height } of page.transactions)
      posts.push(...postOf(transaction, { hash: block, height }));
    next = page.next;
    if (next === null) break;
  }
  return { posts, next };
}

/**
 * One post, or none: other transactions are no posts of the board.
 * @param {TransactionJson} transaction
 * @param {Post["block"]} block
 * @returns {Post[]}
 */
function postOf({ id, sender, body }, block) {
  if (body.kind !== "app" || body.app !== "board") return [];
  const { author, content, timestampMs } = payloadOf(body.payload);
  if (typeof author !== "string" || typeof content !== "string") return [];
  return [
    {
      id,
      author,
      content,
      timestampMs: typeof timestampMs === "number" ? timestampMs : null,
      signer: sender,
      block,
    },
  ];
}
