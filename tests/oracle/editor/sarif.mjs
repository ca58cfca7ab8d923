// Judges SARIF logs by the standard's own schema. A line of standard input is a log; a line of standard output is what is wrong with it,
// `null` for nothing.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(import.meta.url);
const Ajv = require("ajv-draft-04");
const addFormats = require("ajv-formats");

const folder = new URL("node_modules/@microsoft/jest-sarif/lib/schemas/", import.meta.url);
const schema = JSON.parse(readFileSync(new URL("sarif-2.1.0-rtm.5.json", folder), "utf8"));
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
addFormats(ajv);
const validate = ajv.compile(schema);
for await (const line of createInterface({ input: process.stdin })) {
  const valid = validate(JSON.parse(line));
  console.log(JSON.stringify(valid ? null : validate.errors.map((it) => `${it.instancePath} ${it.message}`)));
}
