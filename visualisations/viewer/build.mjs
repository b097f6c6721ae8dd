// Builds the viewer: one script, and beside it the licence texts of what it holds.

import { build } from "esbuild";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "dist");

const result = await build({
  absWorkingDir: here,
  entryPoints: ["src/index.ts"],
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "icsgraphViewer",
  target: ["es2022"],
  charset: "ascii",
  legalComments: "none",
  metafile: true,
  write: false,
});

const text = result.outputFiles[0].text;
if (text.includes("</script")) throw new Error("the viewer would end the script element that holds it");

const held = new Set(
  Object.keys(result.metafile.inputs)
    .filter((path) => path.startsWith("node_modules/"))
    .map((path) => path.split("/").slice(1, path.split("/")[1].startsWith("@") ? 3 : 2).join("/")),
);
const licences = [...held].sort().map((name) => {
  const folder = join(here, "node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  if (!file) throw new Error(`${name} carries no licence text`);
  const body = readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim();
  return `${name} ${version} (${license})\n\n${body}\n`;
});

rmSync(out, { recursive: true, force: true });
mkdirSync(out);
writeFileSync(join(out, "viewer.js"), text);
writeFileSync(join(out, "LICENCES.txt"), `The viewer holds these packages.\n\n${licences.join(`\n${"-".repeat(80)}\n\n`)}`);
