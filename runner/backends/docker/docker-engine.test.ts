import { expect, test } from "vitest";
import { DockerEngine, remoteHost } from "./docker-engine.ts";

test.each([
  ["", null],
  ["unix:///run/user/1000/docker.sock", null],
  ["npipe:////./pipe/docker_engine", null],
  ["tcp://127.0.0.1:2375", null],
  ["tcp://[::1]:2375", null],
  ["tcp://localhost:2375", null],
  ["tcp://10.1.2.3:2376", "10.1.2.3"],
  ["ssh://me@lab.example:22", "lab.example"],
  ["https://lab.example", "lab.example"],
])("DOCKER_HOST=%s: another machine is %s", (dockerHost, expected) => {
  expect(remoteHost(dockerHost)).toBe(expected);
});

test("an engine on another machine is refused before it is asked, with what to do", async () => {
  const opening = await DockerEngine.open({ DOCKER_HOST: "tcp://10.1.2.3:2376" });
  expect(opening).toMatchObject({ ok: false, reason: expect.stringContaining("run it on that machine") });
});
