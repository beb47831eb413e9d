import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CPU_PLACES, listCpuNodes, parseCpuList } from "./list-cpu-nodes.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-nodes-"));
});
afterAll(async () => await rm(folder, { recursive: true }));

/** A machine with these cores per node, of which a process may use some. */
async function machine(nodes: Readonly<Record<string, string>>, allowed: string) {
  const nodesDir = await mkdtemp(join(folder, "m-"));
  for (const [name, cpulist] of Object.entries(nodes)) {
    await mkdir(join(nodesDir, name));
    await writeFile(join(nodesDir, name, "cpulist"), `${cpulist}\n`);
  }
  await writeFile(join(nodesDir, "online"), "0-1\n");
  const statusFile = join(nodesDir, "status");
  await writeFile(statusFile, `Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t${allowed}\n`);
  return { nodesDir, statusFile, taskset: "no-such-program" };
}

test("a machine with two sockets has two nodes, in their order", async () => {
  const places = await machine({ node1: "2-3,6-7", node0: "0-1,4-5" }, "0-7");
  expect(await listCpuNodes(places)).toEqual({
    nodes: [
      { node: 0, cpus: [0, 1, 4, 5] },
      { node: 1, cpus: [2, 3, 6, 7] },
    ],
    canPin: false,
  });
});

test("cores that a container leaves out are no part of a node, and a node without any is none", async () => {
  const places = await machine({ node0: "0-3", node1: "4-7", node2: "" }, "2-3");
  expect((await listCpuNodes(places)).nodes).toEqual([{ node: 0, cpus: [2, 3] }]);
});

test("where nothing tells there are no nodes", async () => {
  const places = { ...CPU_PLACES, nodesDir: join(folder, "nowhere") };
  expect((await listCpuNodes(places)).nodes).toEqual([]);
});

test("no core of this machine is in two nodes, and processes can be bound here", async () => {
  const { nodes, canPin } = await listCpuNodes();
  const cpus = nodes.flatMap((node) => node.cpus);
  expect(new Set(cpus).size).toBe(cpus.length);
  expect(canPin).toBe(true);
});

test.each([
  ["0", [0]],
  ["0-2,5", [0, 1, 2, 5]],
  ["3-1", []],
  ["x,1-", []],
  ["", []],
])("%j lists %j", (text, cpus) => {
  expect(parseCpuList(text)).toEqual(cpus);
});
