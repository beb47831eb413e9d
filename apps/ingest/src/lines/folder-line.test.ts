import { describeLine } from "../testing/line-conformance.ts";
import { makeFolderPlace } from "../testing/folder-place.ts";

describeLine("folder", async () => await Promise.resolve(makeFolderPlace()));
