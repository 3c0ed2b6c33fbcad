// Opens reports in Chromium and prints what was seen as JSON: `node drive.mjs TASK FILE…`.
// The tests judge it; nothing is judged here.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// A page that records whatever should not happen.
const opened = async (browser, file, { width = 1440, scheme = "light" } = {}) => {
  const page = await browser.newPage();
  const seen = { console: [], requests: [], dialogs: [] };
  page.on("console", (message) => seen.console.push(message.text()));
  page.on("pageerror", (error) => seen.console.push(error.message));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith("data:") && url !== pathToFileURL(file).href) seen.requests.push(url);
  });
  page.on("dialog", (dialog) => { seen.dialogs.push(dialog.message()); dialog.dismiss(); });
  await page.emulateMediaFeatures([
    { name: "prefers-color-scheme", value: scheme },
    { name: "prefers-reduced-motion", value: "reduce" },
  ]);
  await page.setViewport({ width, height: 1000 });
  await page.goto(pathToFileURL(file).href);
  return { page, seen };
};

// The page waits a little before it filters. A timer that is set after the page's own, and is longer,
// ends after it, however slow the machine is.
const settled = (page) => page.evaluate(() => new Promise((done) => setTimeout(done, 150)));

// Everything folded is opened, so that axe and the eye see it too.
const unfold = (page) => page.evaluate(() => {
  for (const box of document.querySelectorAll("details")) box.open = true;
});

const violations = async (page) => {
  const found = await page.evaluate(async (axe) => {
    new Function(axe).call(window);
    return window.axe.run(document, { resultTypes: ["violations"] });
  }, AXE).catch((error) => ({ violations: [{ id: error.message, nodes: [] }] }));
  return found.violations.map(({ id, nodes }) => ({
    id, nodes: nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary ?? ""}`),
  }));
};

// Axe needs eval, which the page's policy forbids: the audit runs with the policy lifted.
const audit = async (browser, file) => {
  const result = {};
  for (const scheme of ["light", "dark"]) {
    const { page, seen } = await opened(browser, file, { scheme });
    await page.close();
    const lifted = await browser.newPage();
    await lifted.setBypassCSP(true);
    await lifted.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await lifted.setViewport({ width: 1440, height: 1000 });
    await lifted.goto(pathToFileURL(file).href);
    await unfold(lifted);
    result[scheme] = { ...seen, violations: await violations(lifted) };
    await lifted.close();
  }
  result.widths = {};
  for (const width of [1440, 800, 390]) {
    const { page } = await opened(browser, file, { width });
    await unfold(page);
    result.widths[width] = await page.evaluate(() => document.documentElement.scrollWidth);
    await page.close();
  }
  return result;
};

// What foreign text did to the page: scripts run, elements and addresses that came from it.
const hostile = async (browser, file) => {
  const { page, seen } = await opened(browser, file);
  await unfold(page);
  await page.evaluate(() => {
    for (const target of document.querySelectorAll("summary, span.team, h3, a[href^='#']")) target.click();
  });
  const found = await page.evaluate(() => ({
    hit: window.hit,
    scripts: document.scripts.length,
    foreign: document.querySelectorAll("img, iframe, object, embed, form, base, video, foreignObject, animate, set, image").length,
    handlers: [...document.querySelectorAll("*")].filter((e) => [...e.attributes].some((a) => a.name.startsWith("on"))).length,
    links: [...new Set([...document.links].map((link) => link.getAttribute("href").split(":")[0]).filter((scheme) => !scheme.startsWith("#")))],
    text: document.body.innerText,
  }));
  await page.close();
  return { ...seen, ...found };
};

// A reader's session with mouse and keyboard, step by step.
const use = async (browser, file) => {
  const { page, seen } = await opened(browser, file);
  const shown = () => page.$$eval(".group > details", (rows) => rows.filter((row) => row.checkVisibility()).length);
  const open = () => page.$$eval("#rows .group > details[open]", (rows) => rows.length);
  const order = () => page.$$eval("#rows .group > details", (rows) => rows.map((row) => row.id));
  const status = () => page.$eval("#status", (element) => element.textContent);
  const result = { all: await shown() };
  await page.keyboard.press("/");
  result.focusOnSlash = await page.evaluate(() => document.activeElement.id);
  await page.type("#find", "zzzz no such thing");
  await settled(page);
  result.none = { shown: await shown(), status: await status() };
  await page.$eval("#find", (input) => { input.value = ""; });
  await page.type("#find", "gate-on-a-calendar");
  await settled(page);
  result.found = { shown: await shown(), status: await status() };
  await page.$eval("#find", (input) => { input.value = ""; input.dispatchEvent(new Event("input")); });
  await settled(page);
  await page.click("#controls [value=warning]");
  await settled(page);
  result.withoutWarnings = await shown();
  await page.click("#controls [value=warning]");
  await page.click("#expand");
  result.expanded = await open();
  await page.click("#collapse");
  result.collapsed = await open();
  result.byCause = await order();
  await page.select("#sort", "delay");
  await settled(page);
  result.weights = await page.$$eval("#rows .group > details", (rows) => rows.map((row) => Number(row.dataset.weight ?? -1)));
  result.byDelay = await order();
  await page.select("#sort", "severity");
  await settled(page);
  result.severities = await page.$$eval("#rows .group > details .sev", (marks) => marks.map((mark) => mark.textContent.slice(2)));
  await page.select("#sort", "cause");
  await settled(page);
  result.byCauseAgain = await order();
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  result.paper = [await paper()];
  for (let turn = 0; turn < 3; turn++) {
    await page.click("#theme");
    result.paper.push(await paper());
  }
  await page.focus(".group > details summary");
  await page.keyboard.press("Enter");
  result.openedByKey = await open();
  const line = await page.$(".group > details[open] a[href^='#l']");
  if (line) {
    await line.click();
    await settled(page);
    result.lineShown = await page.evaluate(() => document.querySelector(location.hash).checkVisibility());
  }
  const stops = new Set();
  await page.evaluate(() => { document.activeElement.blur(); scrollTo(0, 0); });
  for (let press = 0; press < 25; press++) {
    await page.keyboard.press("Tab");
    stops.add(await page.evaluate(() => document.activeElement.outerHTML.slice(0, 60)));
  }
  result.stops = stops.size;
  await page.close();
  return { ...seen, ...result };
};

// How a page with very many findings opens, filters and is walked by keyboard; milliseconds.
const large = async (browser, file) => {
  const started = performance.now();
  const { page, seen } = await opened(browser, file);
  await page.waitForSelector("#window-list li");
  const result = { open: performance.now() - started };
  const status = () => page.$eval("#status", (element) => element.textContent);
  result.status = await status();
  result.elements = await page.$$eval("#window-list li", (rows) => rows.length);
  const filter = await page.evaluate(async () => {
    const find = document.getElementById("find"), begun = performance.now();
    find.value = "team-99";
    find.dispatchEvent(new Event("input"));
    await new Promise((done) => setTimeout(done, 65));
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return performance.now() - begun;
  });
  result.filter = filter;
  result.filtered = await status();
  await page.$eval("#find", (input) => { input.value = ""; input.dispatchEvent(new Event("input")); });
  await settled(page);
  await page.focus("#window-list button");
  for (let press = 0; press < 30; press++) await page.keyboard.press("ArrowDown");
  result.at = await page.evaluate(() => Number(document.activeElement.dataset.at));
  await page.keyboard.press("Enter");
  result.detail = await page.$eval("#detail", (element) => element.innerText);
  await page.close();
  return { ...seen, ...result };
};

// On paper: what is wider than its page, what stays folded, which controls are left, how many pages.
const print = async (browser, file) => {
  const { page, seen } = await opened(browser, file, { width: 688 });
  await page.emulateMediaType("print");
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  const found = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const visible = (element) => element.checkVisibility();
    return {
      wide: [...document.querySelectorAll("table, svg[role=img]")].filter(visible)
        .filter((element) => element.getBoundingClientRect().right > width + 1)
        .map((element) => element.closest("[aria-label]")?.getAttribute("aria-label") ?? element.tagName),
      folded: document.querySelectorAll("details:not([open])").length,
      controls: [...document.querySelectorAll("button, input, select, nav")].filter(visible).length,
    };
  });
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  found.foldedAfter = await page.$$eval("details:not([open])", (boxes) => boxes.length);
  await page.emulateMediaType(null);
  const pdf = Buffer.from(await page.pdf({ preferCSSPageSize: true, printBackground: true }));
  found.pages = (pdf.toString("latin1").match(/\/Type\s*\/Page\b/g) ?? []).length;
  await page.close();
  return { ...seen, ...found };
};

// Pictures for people: SCREENSHOTS=FOLDER node drive.mjs picture FILE…
const picture = async (browser, file) => {
  const name = file.replace(/.*\/|\.html$/g, "");
  const shots = [];
  for (const [width, scheme] of [[1440, "light"], [1440, "dark"], [390, "light"]]) {
    const { page } = await opened(browser, file, { width, scheme });
    const path = `${process.env.SCREENSHOTS ?? "."}/${name}-${width}-${scheme}.png`;
    await page.screenshot({ path, clip: { x: 0, y: 0, width, height: 1300 }, captureBeyondViewport: true });
    shots.push(path);
    await page.close();
  }
  return shots;
};

const tasks = { audit, hostile, use, large, print, picture };
const [task, ...files] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: FLAGS });
try {
  const results = {};
  for (const file of files) results[file.replace(/.*\/|\.html$/g, "")] = await tasks[task](browser, file);
  console.log(JSON.stringify(results));
} finally {
  await browser.close();
}
