// Reads .env files with dotenv and dotenv-expand, for the tests.
// The protocol is the one that go/main.go describes.
"use strict";

const readline = require("node:readline");
const dotenv = require("dotenv");
const { expand } = require("dotenv-expand");

const environment = { ...process.env };

readline.createInterface({ input: process.stdin, crlfDelay: Infinity }).on("line", (line) => {
  const { id, text } = JSON.parse(line);
  const values = expand({ parsed: dotenv.parse(text), processEnv: { ...environment } }).parsed;
  process.stdout.write(JSON.stringify({ id, values }) + "\n");
});
