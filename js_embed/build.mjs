// Bundles src/transom.ts into the module that a page loads, src/live.ts into the one that an open page loads later on,
// src/own.ts into the one that a page with buttons of its own loads, and each of src/widgets/ into its widget's module.
// Usage: node build.mjs [FOLDER]; without FOLDER it writes the modules that the server serves.

import { mkdir, readdir, writeFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const folder = process.argv[2];

/** What is exported at the end by a name that nothing else uses: it is exported where it stands, for fewer bytes. */
const NAMED = /(^var |,)(\w+)=(\(\w+,\w+\)=>\{.*\});export\{\2 as default\};\n$/s;

const bundled = async (source, place, mangleCache) => {
  const result = await build({
    absWorkingDir: here,
    entryPoints: [source],
    bundle: true,
    charset: "utf8",
    format: "esm",
    legalComments: "none",
    logLevel: "warning",
    mangleCache,
    mangleProps: /^(describe|fail|follow|render|take|tongue)$/, // our elements' own members, which no page needs
    minify: true,
    outfile: folder ? resolve(folder, place) : resolve(here, "../widget_server", place),
    target: "es2022",
    treeShaking: true,
    write: false,
  });
  for (const { path, text } of result.outputFiles) {
    const module = text.replace(
      NAMED,
      (_, before, __, made) =>
        `${before.replace(/var |,/, (it) => (it === "," ? ";" : ""))}export default${made};\n`,
    );
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, module);
    console.log(`${place}: ${module.length} characters`);
  }
  return result.mangleCache;
};

const names = await bundled("src/transom.ts", "web/static/transom.js", {});
await bundled("src/live.ts", "web/static/live.js", names); // the members have the same short names in all
await bundled("src/own.ts", "web/static/own.js", {});
for (const file of await readdir(resolve(here, "src/widgets"))) {
  await bundled(`src/widgets/${file}`, `widgets/${basename(file, ".ts")}/script.js`, names);
}
