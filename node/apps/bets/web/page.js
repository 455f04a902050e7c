import { unitsOf } from "/web/chain/coins.js";
import { html, nothing } from "/web/lit/lit-html.js";
import { outcomeText } from "/web/pages/parts.js";
import { formWork, KEYRING, mineText, signerChoice, submittedText } from "/web/pages/signer-choice.js";
import { ask, Refused, tell } from "/web/shell/api.js";
import { listKeys, signAndSubmitApp } from "/web/shell/browser-keys.js";
import * as format from "/web/shell/format.js";

/** @import { Page, PageContext, Status } from "/web/types.js" */

/** As the clients of the bets know them. */
/** @typedef {{ player: string, match_id: string | number, team_one_score: string | number, team_two_score: string | number, amount?: string | number | null }} Bet */

/** @typedef {Awaited<ReturnType<typeof listKeys>>} Keys */

/**
 * Bets on matches: enter one, look them up by player and by match.
 * @param {PageContext} context
 * @returns {Page}
 */
export function open({ update, reload, query }) {
  const work = formWork(update);
  const matchWork = formWork(update);
  /** @type {Status} */
  let status;
  /** @type {Keys} */
  let keys = [];
  const [player, match] = [query.get("player") ?? "", query.get("match") ?? ""];
  /** @type {readonly Bet[] | null} */
  let found = null;

  const enter = work.on(
    async (field) => {
      const said = await sendBet(field, status.chain.blockReward);
      reload();
      return said;
    },
    ["one", "two", "amount"],
  );
  const govern = matchWork.on(async (field) => {
    const said = await governMatch(field);
    reload();
    return said;
  });
  const mine = () =>
    work.run(async () => {
      const said = await mineText(status.mining.mode, () => tell("/mine", {}));
      reload();
      return said;
    });

  return {
    title: "Bets",
    reloadOn: ["tip-changed"],
    async load() {
      [status, keys, found] = await Promise.all([ask("/status"), listKeys(), lookUp(player, match)]);
    },
    render: () => html`
      <h1 tabindex="-1">Bets</h1>
      ${betForm(enter, keys, work.isBusy)}
      <div class="actions"><button type="button" @click=${mine} ?disabled=${work.isBusy}>Ask for mining</button></div>
      ${outcomeText(work.outcome)}
      ${matchForm(govern, keys, matchWork.isBusy)}
      ${outcomeText(matchWork.outcome)}
      <h2 id="look-up">Look up</h2>
      ${lookUpForm(player, match)}
      ${found === null ? nothing : betTable(found, player, match)}
    `,
  };
}

/**
 * @param {string} player
 * @param {string} match
 * @returns {Promise<readonly Bet[] | null>}
 */
async function lookUp(player, match) {
  if (player === "" && match === "") return null;
  const path =
    player === "" ? `/bets/match/${encodeURIComponent(match)}` : `/bets/player/${encodeURIComponent(player)}`;
  /** @type {readonly Bet[]} */
  const bets = await ask(path).catch((error) => {
    if (error instanceof Refused && error.status === 404) return [];
    throw error;
  });
  return player === "" || match === "" ? bets : bets.filter(({ match_id }) => String(match_id) === match);
}

/**
 * @param {(name: string) => string} field
 * @param {string} blockReward
 */
async function sendBet(field, blockReward) {
  const [player, matchId, stake, signer] = [
    field("player"),
    field("match"),
    field("amount"),
    field("signer"),
  ];
  const [one, two] = [Number(field("one")), Number(field("two"))];
  if (signer !== KEYRING) {
    const amount = stake === "" ? {} : { amount: String(unitsOf(stake, blockReward)) };
    const payload = { type: "bet", player, matchId, scores: [one, two], ...amount };
    return submittedText(await signAndSubmitApp("bets", payload, signer));
  }
  return await tell("/bets/bet/broadcast", {
    playername: player,
    matchid: matchId,
    teamonescore: one,
    teamtwoscore: two,
    ...(stake === "" ? {} : { amount: Number(stake) }),
  });
}

/**
 * Opens a match, or publishes its result.
 * @param {(name: string) => string} field
 */
async function governMatch(field) {
  const [what, matchId, signer, opener] = [field("what"), field("match"), field("signer"), field("opener")];
  const [one, two] = what === "void" ? [null, null] : [field("one"), field("two")];
  if (what === "result" && (one === "" || two === "")) throw new Error("A result needs both scores.");
  if (signer !== KEYRING) {
    const scores = one === null ? null : [Number(one), Number(two)];
    const payload = what === "open" ? { type: "open", matchId } : { type: "result", matchId, scores };
    return submittedText(await signAndSubmitApp("bets", payload, signer));
  }
  if (opener === "") throw new Error("Where this node signs, it needs the name of who opens the match.");
  const named = { openername: opener, matchid: matchId };
  if (what === "open") return await tell("/bets/open", named);
  const scores = {
    teamonescore: one === null ? null : Number(one),
    teamtwoscore: two === null ? null : Number(two),
  };
  return await tell("/bets/result", { ...named, ...scores });
}

/**
 * @param {(event: SubmitEvent) => void} enter
 * @param {Keys} keys
 * @param {boolean} isBusy
 */
function betForm(enter, keys, isBusy) {
  return html`<form class="stack" @submit=${enter} aria-label="Enter a bet">
    <div class="row">
      <div><label for="player">Player</label><input id="player" name="player" required maxlength="100" autocomplete="nickname" /></div>
      <div><label for="match">Match</label><input id="match" name="match" required maxlength="100" autocomplete="off" /></div>
    </div>
    <div class="row">
      <div><label for="one">Score of team one</label><input id="one" name="one" type="number" required min="0" max="999" /></div>
      <div><label for="two">Score of team two</label><input id="two" name="two" type="number" required min="0" max="999" /></div>
      <div><label for="stake">Stake in coins, if any</label><input id="stake" name="amount" inputmode="decimal" pattern="[0-9]+([.][0-9]+)?" aria-describedby="stake-hint" autocomplete="off" /></div>
    </div>
    <p class="hint" id="stake-hint">Stakes go to a match that somebody opened, and are shared among those who were right. A coin is the reward of a block.</p>
    ${signerChoice("bet-signer", keys)}
    <button type="submit" class="main" ?disabled=${isBusy}>Bet</button>
  </form>`;
}

/**
 * @param {(event: SubmitEvent) => void} govern
 * @param {Keys} keys
 * @param {boolean} isBusy
 */
function matchForm(govern, keys, isBusy) {
  return html`<details>
    <summary>Open a match for stakes, or publish its result</summary>
    <form class="stack" @submit=${govern} aria-label="Open a match or publish its result">
      <div class="row">
        <div>
          <label for="what">What</label>
          <select id="what" name="what">
            <option value="open">open the match</option>
            <option value="result">publish its result</option>
            <option value="void">call it off: stakes go back</option>
          </select>
        </div>
        <div><label for="of-match">Of match</label><input id="of-match" name="match" required maxlength="100" autocomplete="off" /></div>
      </div>
      <div class="row">
        <div><label for="result-one">Goals of team one</label><input id="result-one" name="one" type="number" min="0" max="999" /></div>
        <div><label for="result-two">Goals of team two</label><input id="result-two" name="two" type="number" min="0" max="999" /></div>
        <div><label for="opener">Opened by</label><input id="opener" name="opener" maxlength="100" autocomplete="nickname" /></div>
      </div>
      <p class="hint">Who opened a match publishes its result, with the same key.</p>
      ${signerChoice("match-signer", keys)}
      <button type="submit" ?disabled=${isBusy}>Sign and send</button>
    </form>
  </details>`;
}

/**
 * @param {string} player
 * @param {string} match
 */
function lookUpForm(player, match) {
  /** @param {SubmitEvent} event */
  const look = (event) => {
    event.preventDefault();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const wanted = new URLSearchParams();
    for (const name of ["player", "match"]) {
      const text = String(data.get(name) ?? "").trim();
      if (text !== "") wanted.set(name, text);
    }
    location.hash = `#/bets?${wanted}`;
  };
  return html`<form class="line" @submit=${look} aria-labelledby="look-up">
    <span class="pair"><label for="by-player">Player</label><input id="by-player" name="player" value=${player} autocomplete="off" /></span>
    <span class="pair"><label for="by-match">Match</label><input id="by-match" name="match" value=${match} autocomplete="off" /></span>
    <button type="submit">Look up</button>
  </form>`;
}

/**
 * @param {readonly Bet[]} bets
 * @param {string} player
 * @param {string} match
 */
function betTable(bets, player, match) {
  const of = [player === "" ? "" : `of ${player}`, match === "" ? "" : `on ${match}`]
    .filter((part) => part !== "")
    .join(" ");
  if (bets.length === 0) return html`<p role="status">No bets ${of} are in a block.</p>`;
  return html`<table>
    <caption>${format.counted(bets.length, "bet")} ${of}, in blocks</caption>
    <thead>
      <tr>
        <th scope="col">Player</th>
        <th scope="col">Match</th>
        <th scope="col">Scores</th>
        <th scope="col" class="number">Stake</th>
      </tr>
    </thead>
    <tbody>
      ${bets.map(
        (bet) => html`<tr>
          <th scope="row">${bet.player}</th>
          <td>${bet.match_id}</td>
          <td>${bet.team_one_score} : ${bet.team_two_score}</td>
          <td class="number">${bet.amount ?? "none"}</td>
        </tr>`,
      )}
    </tbody>
  </table>`;
}
