import { describe, expect, test } from "vitest";
import { countMultiplyAdds, countParameters } from "../graph/measure.ts";
import { chooseNaming, defineNamed } from "../names/choose-naming.ts";
import { findNaming, hashTensors, originals } from "../testing/originals.ts";
import { architectures, findArchitecture } from "./registry.ts";

const cases = Object.entries(originals).flatMap(([library, networks]) =>
  Object.entries(networks).map(([name, facts]) => ({ library, name, facts })),
);

test("every architecture is checked against the library that publishes it", () => {
  const unchecked = architectures.filter(({ name, source }) => !originals[source]?.[name]);
  expect(unchecked.map(({ name }) => name)).toEqual([]);
});

describe.each(cases)("$name of $library", ({ library, name, facts }) => {
  const architecture = findArchitecture(name)!;
  const size = { classes: 1000, inputSize: architecture.image.crop };
  const naming = findNaming(library, architecture);

  test("has tensors of the same names and sizes", () => {
    expect(naming).toBeDefined();
    const named = defineNamed(architecture, naming!, size);
    expect(named.parameters).toHaveLength(facts.tensors);
    expect(hashTensors(named)).toBe(facts.sha256);
  });

  test("has exactly as many parameters and multiply-adds", () => {
    const { graph } = defineNamed(architecture, naming!, size);
    const macs = countMultiplyAdds(graph);
    expect({ parameters: countParameters(graph), macs }).toEqual({
      parameters: facts.parameters,
      macs: facts.macs ?? macs, // not counted in the original where its layers are one function
    });
  });

  test("is known by the names of its tensors", () => {
    const { parameters } = defineNamed(architecture, naming!, size);
    const tensors = new Map(parameters.map((parameter) => [naming!.rename(parameter.name), null]));
    const chosen = chooseNaming(architecture, size, tensors);
    expect(hashTensors(chosen)).toBe(facts.sha256);
  });
});
