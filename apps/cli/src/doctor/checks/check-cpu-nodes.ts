import { nameDevice, type DeviceChoice } from "@sluice/config";
import type { CpuInventory } from "@sluice/inference-onnx";
import { broken, ok, type Finding } from "../finding.ts";

/** Whether the NUMA nodes that engines are to run on are there, and engines can be bound to them. */
export function checkCpuNodes(
  list: readonly DeviceChoice[],
  { nodes, canPin }: CpuInventory,
): readonly Finding[] {
  return list.flatMap((choice) => {
    if (choice.provider !== "cpu" || choice.node === null) return [];
    const what = nameDevice(choice);
    const found = nodes.find(({ node }) => node === choice.node);
    if (found === undefined) {
      const here = nodes.map(({ node }) => String(node)).join(", ");
      const remedy = `here are ${here === "" ? "none that the kernel tells" : here}; cpu uses all cores`;
      return [broken(what, "there is no such NUMA node", remedy)];
    }
    if (!canPin) return [broken(what, "there is no taskset", "install util-linux")];
    return [ok(what, `${found.cpus.length} cores`)];
  });
}
