// Bundles src/transom.ts into the module that a page loads, and src/live.ts into the one that an open page loads later.
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
    mangleProps: /^(fail|follow|render|take|tongue)$/, // our elements' own members, which no page needs
    minify: true,
    outfile: resolve(folder, `${name}.js`),
    target: "es2022",
    treeShaking: true,
    write: false,
  });

const main = await bundled("transom", {});
const live = await bundled("live", main.mangleCache); // the members have the same short names in both
await mkdir(folder, { recursive: true });
for (const { contents, path } of [...main.outputFiles, ...live.outputFiles]) {
  await writeFile(path, contents);
  console.log(`${basename(path)}: ${contents.length} bytes`);
}
