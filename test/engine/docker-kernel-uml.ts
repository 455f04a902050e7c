import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { parse } from "csv-parse/sync";
import { haveTcImage } from "./docker-kernel-image.ts";
import { anEngine } from "./docker-runs.ts";
import { BASE_IMAGE, ROOT, sharedImage } from "./node-image.ts";

/**
 * For a machine whose own kernel has no netem: boots one that has, as a process (User Mode Linux), with this machine's files as its disk, starts an engine in
 * it and runs there a scenario whose links the kernel shapes. Prints what the probes found, and exits with 0 if all of them saw their fault.
 * `npx node test/engine/docker-kernel-uml.ts` as root, with Debian's user-mode-linux, kmod, iptables and docker.io, takes a quarter of an
 * hour: such a kernel is ten to a hundred times slower, so no figure of the run itself is worth anything. UML_ROOT says where the package
 * user-mode-linux was unpacked, if it is not installed.
 */

/** Blocks are drawn, and seldom; faults come so far apart that slow probes are done with one before the next. */
const SCENARIO = `name: uml
seed: 1
duration: 260s
nodes: { count: 3, hashRate: 500H/s }
chain: { difficulty: 14, seal: drawn }
network: { latency: { kind: lognormal, median: 80ms, sigma: 0.4 }, bandwidth: 20Mbit/s, loss: 0.5%, enforce: kernel }
transactions: { rate: 0.2/s, confirmations: 2 }
timeline:
  - { at: 5s, latency: 300ms }
  - { at: 45s, loss: 20% }
  - { at: 80s, loss: 0% }
  - { at: 110s, partition: [[0, 1], [2]] }
  - { at: 140s, heal: all }
  - { at: 175s, latency: { kind: uniform, min: 50ms, max: 150ms } }
  - { at: 215s, bandwidth: 1Mbit/s }
`;

/** Of the kernel, on which an engine and links stand. */
const MODULES =
  "veth bridge br_netfilter overlay nf_nat xt_nat xt_MASQUERADE xt_conntrack xt_addrtype xt_tcpudp iptable_nat iptable_filter sch_netem sch_htb sch_ingress cls_u32 act_mirred ifb";

/** From boot to power off, where it hangs. */
const TIMEOUT_MS = 40 * 60_000;

const umlRoot = process.env.UML_ROOT ?? "";
const kernel = `${umlRoot}/usr/bin/linux.uml`;
if (!existsSync(kernel)) throw new Error(`there is no ${kernel}: install user-mode-linux, or set UML_ROOT`);
const folder = await mkdtemp(join(tmpdir(), "forklab-uml-"));
try {
  process.exitCode = await run();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function run(): Promise<number> {
  const lack = await haveTcImage();
  if (lack !== null) throw new Error(lack);
  const tcImage = process.env.TC_IMAGE ?? "";
  const engine = await anEngine();
  const names = [await sharedImage(), BASE_IMAGE, ...(tcImage === "" ? [] : [tcImage])];
  for (const [i, name] of names.entries()) {
    const image = await engine.streams.getImage(name).get();
    await pipeline(image, createWriteStream(join(folder, `image-${i}.tar`)));
  }
  await writeFile(join(folder, "uml.yaml"), SCENARIO);
  const modules = `${umlRoot}/usr/lib/uml/modules`;
  const [version = ""] = await readdir(modules);
  for (const name of ["lib/modules", "bin", "data"]) await mkdir(join(folder, name), { recursive: true });
  await symlink(join(modules, version), join(folder, "lib/modules", version));
  for (const name of ["iptables", "ip6tables"])
    await symlink(`/usr/sbin/${name}-legacy`, join(folder, "bin", name));
  await writeFile(join(folder, "init"), initScript(tcImage), { mode: 0o755 });
  const options = ["mem=6G", "rootfstype=hostfs", "rootflags=/", "rw", "quiet", "con=null", "con0=fd:0,fd:1"];
  const child = spawn(kernel, [...options, `init=${join(folder, "init")}`], {
    stdio: ["ignore", "inherit", "ignore"],
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  await once(child, "exit");
  const csv = await readFile(join(folder, "results/uml/latest/faults.csv"), "utf8");
  const faults: Record<string, string>[] = parse(csv, { columns: true });
  for (const { description, probed, evidence } of faults)
    console.log(`${probed} ${description}: ${evidence}`);
  return faults.length === 7 && faults.every(({ probed }) => probed === "true") ? 0 : 1;
}

function initScript(tcImage: string): string {
  return `#!/bin/sh
export HOME=/root PATH=${folder}/bin:${process.env.PATH} LD_LIBRARY_PATH=${process.env.LD_LIBRARY_PATH ?? ""}
export NODE_IMAGE=${BASE_IMAGE} TC_IMAGE=${tcImage}
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t tmpfs run /run; mount -t cgroup2 cgroup /sys/fs/cgroup
mkdir -p /dev/pts /dev/shm; mount -t devpts pts /dev/pts; mount -t tmpfs shm /dev/shm
mount -t tmpfs -o size=5g data ${folder}/data
modprobe -d ${folder} -a ${MODULES}
hostname uml; ip link set lo up; echo 1 >/proc/sys/net/ipv4/ip_forward
dockerd --data-root ${folder}/data/docker --exec-root /run/engine --pidfile /run/engine.pid --storage-driver overlay2 2>/run/engine.log &
until docker info >/dev/null 2>&1; do sleep 1; done
for image in ${folder}/image-*.tar; do docker load --quiet --input $image; done
cd ${ROOT}
${process.execPath} runner/main.ts ${folder}/uml.yaml --on docker --quiet --out ${folder}/results
echo o >/proc/sysrq-trigger; sleep 60
`;
}
