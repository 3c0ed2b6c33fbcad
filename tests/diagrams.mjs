// Asks Graphviz and Mermaid themselves whether they can read a diagram: `node diagrams.mjs dot FILE`.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [, , language, file] = process.argv;
const text = readFileSync(file, "utf8");
const required = createRequire(pathToFileURL(`${process.cwd()}/`));
const load = (name) => import(pathToFileURL(required.resolve(name)));

if (language === "dot") {
  const { instance } = await load("@viz-js/viz");
  const result = (await instance()).render(text, { format: "json" });
  if (result.status !== "success" || result.errors.some((error) => error.level === "error")) {
    throw new Error(JSON.stringify(result.errors));
  }
} else {
  const { JSDOM } = required("jsdom");
  const page = new JSDOM("<!doctype html>");
  globalThis.window = page.window;
  globalThis.document = page.window.document;
  const mermaid = (await import(pathToFileURL("node_modules/mermaid/dist/mermaid.core.mjs"))).default;
  await mermaid.parse(text);
}
