// Bundles src/transom.ts into the one module that a page loads.
// Usage: node build.mjs [OUT]; without OUT it writes the module that the server serves.

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? resolve(here, "../widget_server/web/static/transom.js"));

const { outputFiles } = await build({
  absWorkingDir: here,
  entryPoints: ["src/transom.ts"],
  bundle: true,
  charset: "utf8",
  format: "esm",
  legalComments: "none",
  logLevel: "warning",
  mangleProps: /^(base|fail|follow|kind|render|take|tongue)$/, // our elements' own members, which no page needs
  minify: true,
  target: "es2022",
  treeShaking: true,
  write: false,
});
const [module] = outputFiles;
await mkdir(dirname(out), { recursive: true });
await writeFile(out, module.contents);
console.log(`${out}: ${module.contents.length} bytes`);
