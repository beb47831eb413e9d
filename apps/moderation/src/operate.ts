import { runOperation } from "./operation.ts";

process.exitCode = await runOperation({
  arguments: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  write: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
});
