import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NodeUnderTest, Scratch } from "../support/live-process.ts";
import { rawRequest } from "../support/raw-request.ts";
import { browserSuite, launchBrowser } from "./need-browser.ts";
import { ALICE, PageNetwork } from "./page-network.ts";
import { Visitor } from "./visitor.ts";

let browser: Browser;
let network: PageNetwork;

browserSuite("the pages of a node", () => {
  beforeAll(async () => {
    [browser, network] = await Promise.all([launchBrowser(), PageNetwork.start(["north", "south"])]);
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await network[Symbol.asyncDispose]();
  });

  test("the overview follows the chain without being asked, and so does what it says at the top", async () => {
    await using visitor = await Visitor.come(browser);
    await visitor.open(network.at(0).url);
    await visitor.sees("north");
    const { height } = await network.at(0).status();
    await network.agree(await network.mine(1));
    await visitor.page
      .locator("#live")
      .getByText(`height ${height + 1}, 1 peer`)
      .waitFor();
    await visitor.page
      .locator(".figures dd")
      .first()
      .getByText(String(height + 1), { exact: true })
      .waitFor();
    await network.submit(0, { kind: "post", text: "waits" });
    await visitor.sees("Waiting for a block");
    expect(visitor.complaints).toEqual([]);
  });

  test("a transaction shows the proof that it is in its block, checked by the browser step by step", async () => {
    const ids = [];
    for (const text of ["one", "<img src=x onerror=alert(1)>", "three", "four"])
      ids.push(await network.submit(0, { kind: "post", text }));
    await using visitor = await Visitor.come(browser);
    const hash = await network.mine(0);
    await network.agree(hash);
    await visitor.open(network.at(1).url, `transactions/${ids[1]}`);
    await visitor.sees("Checked by this browser: the block commits to this transaction.");
    expect(await visitor.page.locator(".checks .good").count()).toBe(4);
    const { merkleRoot } = await network.at(1).get<{ merkleRoot: string }>(`/blocks/${hash}`);
    await visitor.page.locator(".steps li").last().getByText(merkleRoot).waitFor();
    // What users write is text, wherever it is shown.
    await visitor.sees("<img src=x onerror=alert(1)>");
    expect(await visitor.page.locator("main img").count()).toBe(0);
    await visitor.page.getByRole("link", { name: new RegExp(`^${hash.slice(0, 8)}`) }).click();
    await visitor.sees("On the best chain, 1 confirmation.");
    await visitor.sees("<img src=x onerror=alert(1)>");
    expect(visitor.complaints).toEqual([]);
  });

  test("a proof that a node made up is told to be none", async () => {
    const id = await network.submit(0, { kind: "post", text: "true" });
    await network.agree(await network.mine(0));
    await using visitor = await Visitor.come(browser);
    await visitor.page.route("**/transactions/*", async (route) => {
      const answer = await route.fetch();
      const json: { proof: { siblings: string[] } } = await answer.json();
      json.proof.siblings = json.proof.siblings.map(() => "00".repeat(32));
      await route.fulfill({ response: answer, json });
    });
    await visitor.open(network.at(0).url, `transactions/${id}`);
    await visitor.sees("This proof does not hold.");
  });

  test("blocks, an account and its history are found by height, hash, id and key", async () => {
    const id = await network.submit(0, { kind: "transfer", recipient: ALICE.publicKey, amount: 7n });
    const hash = await network.mine(0);
    const { height } = await network.at(0).status();
    await using visitor = await Visitor.come(browser);
    await visitor.open(network.at(0).url, "blocks");
    const find = async (text: string, title: string) => {
      await visitor.page.getByRole("searchbox").fill(text);
      await visitor.page.getByRole("button", { name: "Find" }).click();
      await visitor.page.getByRole("heading", { level: 1, name: title }).waitFor();
    };
    await find(String(height), `Block ${height}`);
    await visitor.sees(hash);
    await find(id, "Transaction");
    await visitor.sees(id);
    await find(ALICE.publicKey.toUpperCase(), "Account");
    await visitor.sees("posted");
    await find(hash, `Block ${height}`);
    await find("900000", "Not found");
    // That something is not there is said by the node with a status, which the console notes.
    expect(visitor.complaints.filter((each) => !each.includes("404"))).toEqual([]);
  });

  test("peers are shown with their tips, and one that is added is linked", async () => {
    await using visitor = await Visitor.come(browser);
    await visitor.open(network.at(0).url, "network");
    await visitor.sees("All 2 nodes that this one hears of have the same tip.");
    await visitor.page.getByLabel("Link with a node at").fill("127.0.0.1:9");
    await visitor.page.getByRole("button", { name: "Link", exact: true }).click();
    await visitor.sees("is known now, and does not answer");
    await visitor.page.locator("table").getByText("127.0.0.1:9").waitFor();
    const url = encodeURIComponent("http://127.0.0.1:9");
    await network.at(0).control("DELETE", `/peers?url=${url}`, undefined);
    expect(visitor.complaints).toEqual([]);
  });

  test("a node that is gone is missed aloud, and the page goes on by itself when it is back", async () => {
    using scratch = new Scratch();
    const flags = ["--name", "alone", "--dir", scratch.dir("alone"), "--mine", "off", "--log-level", "warn"];
    let node = await NodeUnderTest.start(flags);
    const { port } = new URL(node.url);
    await using visitor = await Visitor.come(browser);
    await visitor.open(node.url, "blocks");
    await node[Symbol.asyncDispose]();
    const alarm = visitor.page.getByRole("alert").getByText("The node does not answer.");
    await alarm.waitFor();
    // What was there stays, and a page that was never loaded comes later.
    await visitor.sees("Height 0 to 0 of the best chain");
    await visitor.page.getByRole("link", { name: "Network" }).click();
    node = await NodeUnderTest.start([...flags, "--port", port]);
    try {
      await alarm.waitFor({ state: "detached" });
      await visitor.page.getByRole("heading", { level: 1, name: "Network" }).waitFor();
      await visitor.page.locator("#live.up").waitFor();
    } finally {
      await node[Symbol.asyncDispose]();
    }
    const own = visitor.complaints.filter(
      (each) => !/ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY|ERR_SOCKET/.test(each),
    );
    expect(own).toEqual([]);
  });

  test("the root is a page for browsers and an empty object for everyone else; both under the same policy", async () => {
    const { url } = network.at(0);
    const browserAccept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    const page = await rawRequest(url, "GET", "/", { headers: { accept: browserAccept } });
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(String(page.headers["content-security-policy"])).toMatch(/default-src 'none'; script-src 'self';/);
    expect(page.headers).toMatchObject({ vary: "accept", "x-content-type-options": "nosniff" });
    for (const accept of ["*/*", "application/json", ""]) {
      const answer = await rawRequest(url, "GET", "/", { headers: { accept } });
      expect(answer.json).toEqual({});
    }
    const again = { accept: browserAccept, "if-none-match": String(page.headers.etag) };
    expect((await rawRequest(url, "GET", "/", { headers: again })).status).toBe(304);
    const style = await rawRequest(url, "GET", "/web/shell/style.css", {
      headers: { "accept-encoding": "gzip" },
    });
    expect(style.headers).toMatchObject({ "content-encoding": "gzip", "x-content-type-options": "nosniff" });
    for (const path of [
      "/web/shell/../../launch.js",
      "/web/shell/..%2f..%2flaunch.js",
      "/web/shell",
      "/web/",
      "/web/x/y",
      "/web/shell/%00",
    ])
      expect([400, 404]).toContain((await rawRequest(url, "GET", path)).status);
  });
});
