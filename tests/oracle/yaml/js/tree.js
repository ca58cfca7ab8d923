// Reads YAML with js-yaml 4, which Akash's Console and JS SDK read an SDL with, for the tests.
// The protocol is the one that ../go/main.go describes.
"use strict";

const readline = require("node:readline");
const yaml = require("js-yaml");

// Aliases are followed; deeper than this one is taken to hold itself.
const deepest = 200;

function build(value, depth) {
  if (depth > deepest) throw new Error("too deep");
  if (typeof value === "string") return { s: value };
  if (Array.isArray(value)) return { q: value.map((item) => build(item, depth + 1)) };
  if (value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    return { m: Object.keys(value).map((key) => [{ s: key }, build(value[key], depth + 1)]) };
  }
  if (value instanceof Date) return { o: value.toISOString() };
  return { o: String(value) };
}

readline.createInterface({ input: process.stdin, crlfDelay: Infinity }).on("line", (line) => {
  const { id, yaml: text } = JSON.parse(line);
  let answer;
  try {
    answer = { id, tree: yaml.loadAll(text).map((document) => build(document, 0)) };
  } catch (error) {
    answer = { id, error: String(error.message) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
});
