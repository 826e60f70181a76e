// Bundles src/transom.ts into the module that a page loads, src/live.ts into the one that an open page loads later,
// src/own.ts into the one that a page with buttons of its own loads, and each of src/widgets/ into that widget's script.
// Usage: node build.mjs [FOLDER]; without FOLDER it writes the modules that the server serves.

import { mkdir, readdir, writeFile } from "node:fs/promises";
import { basename, dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const folder = resolve(process.argv[2] ?? resolve(here, "../widget_server/web/static"));

const bundled = (name, mangleCache, outfile = resolve(folder, `${name}.js`)) =>
  build({
    absWorkingDir: here,
    entryPoints: [`src/${name}.ts`],
    bundle: true,
    charset: "utf8",
    format: "esm",
    legalComments: "none",
    logLevel: "warning",
    mangleCache,
    mangleProps: /^(describe|fail|follow|render|take|tongue)$/, // our elements' own members, which no page needs
    minify: true,
    outfile,
    target: "es2022",
    treeShaking: true,
    write: false,
  });

const main = await bundled("transom", {});
const live = await bundled("live", main.mangleCache); // the members have the same short names in both
const own = await bundled("own", {});
const scripts = [];
for (const file of await readdir(resolve(here, "src/widgets"))) {
  const name = basename(file, ".ts");
  const beside = process.argv[2] ? `${folder}/${name}` : resolve(here, "../widget_server/widgets", name);
  scripts.push(await bundled(`widgets/${name}`, main.mangleCache, resolve(beside, "script.js")));
}
for (const { contents, path } of [main, live, own, ...scripts].flatMap(({ outputFiles }) => outputFiles)) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, contents);
  console.log(`${relative(resolve(here, ".."), path)}: ${contents.length} bytes`);
}
