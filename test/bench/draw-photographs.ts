// Draws photographs of 1 to 12 megapixels for the other measurements, the same every time.
// Run: node --conditions=@sluice/source test/bench/draw-photographs.ts <folder> [count]
import { drawPhotographs } from "../../apps/cli/src/bench/draw-photographs.ts";

const [folder = "photographs", count = "60"] = process.argv.slice(2);
const drawn = await drawPhotographs(folder, Number(count));
console.log(`${drawn.length} photographs in ${folder}`);
