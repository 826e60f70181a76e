// Bundles src/transom.ts into the module that a page loads, src/live.ts into the one that an open page loads later, and
// src/own.ts into the one that a page with buttons of its own loads.
// Usage: node build.mjs [FOLDER]; without FOLDER it writes the modules that the server serves.

import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const folder = resolve(process.argv[2] ?? resolve(here, "../widget_server/web/static"));

const bundled = (name, mangleCache) =>
  build({
    absWorkingDir: here,
    entryPoints: [`src/${name}.ts`],
    bundle: true,
    charset: "utf8",
    format: "esm",
    legalComments: "none",
    logLevel: "warning",
    mangleCache,
    mangleProps: /^(base|fail|follow|kind|render|take|tongue)$/, // our elements' own members, which no page needs
    minify: true,
    outfile: resolve(folder, `${name}.js`),
    target: "es2022",
    treeShaking: true,
    write: false,
  });

const main = await bundled("transom", {});
const live = await bundled("live", main.mangleCache); // the members have the same short names in both
const own = await bundled("own", {});
await mkdir(folder, { recursive: true });
for (const { contents, path } of [...main.outputFiles, ...live.outputFiles, ...own.outputFiles]) {
  await writeFile(path, contents);
  console.log(`${basename(path)}: ${contents.length} bytes`);
}
