import { request } from "node:http";
import type { AddressInfo } from "node:net";
import Router from "@koa/router";
import Koa from "koa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { measured } from "./measured.ts";

const added: string[] = [];
const served: string[] = [];

const router = new Router();
router.get("/blocks/:hash", (ctx) => {
  ctx.body = {};
});
router.put("/control/mining", (ctx) => {
  ctx.status = 403;
});
router.get("/events", (ctx) => {
  ctx.respond = false;
  ctx.res.end("stream");
});
const app = new Koa();
app.use(
  measured(router, {
    contentType: "",
    text: () => Promise.resolve(""),
    served: (route, method, status) => served.push(`${method} ${route} ${status}`),
    routeAdded: (route, method) => added.push(`${method} ${route}`),
  }),
);
app.use(router.routes());
const server = app.listen(0, "127.0.0.1");
beforeAll(async () => {
  if (!server.listening) await new Promise((resolve) => server.once("listening", resolve));
});
afterAll(() => server.close());

/** Any method that the parser lets pass, which `fetch` does not. */
function ask(method: string, path: string): Promise<void> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, method, path, agent: false }, (answer) => {
      answer.resume().once("end", resolve);
    });
    asked.once("error", reject).end();
  });
}

test("every route is told beforehand, and that some requests have none", () => {
  expect(added).toEqual(["GET none", "GET /blocks/:hash", "PUT /control/mining", "GET /events"]);
});

test("requests are told by the pattern of their route, and those that are made up all by the same few words", async () => {
  served.length = 0;
  await ask("GET", "/blocks/00");
  await ask("GET", "/blocks/01");
  await ask("PUT", "/control/mining");
  await ask("GET", "/made/up");
  await ask("PROPFIND", "/made/up/too");
  expect(served).toEqual([
    "GET /blocks/:hash 200",
    "GET /blocks/:hash 200",
    "PUT /control/mining 403",
    "GET none 404",
    "other none 404",
  ]);
});

test("a stream of events is left out: its length says nothing of the node", async () => {
  served.length = 0;
  await ask("GET", "/events");
  expect(served).toEqual([]);
});
