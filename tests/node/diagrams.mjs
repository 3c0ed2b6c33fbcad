// Asks Graphviz and Mermaid themselves whether they can read diagrams: `node diagrams.mjs FILE…`.
// Prints as JSON, for each file, what is wrong with it; `.dot` is for Graphviz, all else for Mermaid.
import { readFileSync } from "node:fs";
import { instance } from "@viz-js/viz";
import { JSDOM } from "jsdom";

const page = new JSDOM("<!doctype html>");
globalThis.window = page.window;
globalThis.document = page.window.document;
const mermaid = (await import("./node_modules/mermaid/dist/mermaid.core.mjs")).default;
const graphviz = await instance();

const read = async (file) => {
  const text = readFileSync(file, "utf8");
  if (!file.endsWith(".dot")) return mermaid.parse(text);
  const result = graphviz.render(text, { format: "json" });
  const errors = result.errors.filter((error) => error.level === "error");
  if (result.status !== "success" || errors.length) throw new Error(JSON.stringify(result.errors));
};

const wrong = {};
for (const file of process.argv.slice(2)) {
  await read(file).catch((error) => { wrong[file] = error.message; });
}
console.log(JSON.stringify(wrong));
