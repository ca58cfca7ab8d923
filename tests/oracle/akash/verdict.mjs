// Judges SDL documents with Akash's JavaScript SDK, the code behind the Console: the JSON schema, the rules across
// sections, and the manifest. Its verdict is not that of the Go parser behind provider-services: that one lets pass what
// only the schema forbids (unknown keys, unquoted strings) and refuses what the SDK lets pass (sizes such as 15Gb).
//
// Standard input: one JSON object a line, {"id":"a","yaml":"version: ..."}. Standard output, in the same order:
// {"id":"a","ok":true} or {"id":"a","ok":false,"error":"..."}. A document that makes the SDK throw is not ok, and its error
// begins with "panic: ".
import { createInterface } from "node:readline";
import { generateManifest } from "@akashnetwork/chain-sdk";
import { load } from "js-yaml";

function judge(text) {
  let document;
  try {
    document = load(text);
  } catch (error) {
    return { ok: false, error: `yaml: ${error.reason ?? error.message}` };
  }
  try {
    // Validates against the schema and the rules across sections before it builds anything.
    const made = generateManifest(document);
    if (made.ok) return { ok: true };
    return { ok: false, error: made.value.map((one) => `${one.instancePath ?? ""} ${one.message ?? ""}`.trim()).join("; ") };
  } catch (error) {
    return { ok: false, error: `panic: ${error.message}` };
  }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  if (line.trim() === "") continue;
  const { id, yaml: text } = JSON.parse(line);
  process.stdout.write(JSON.stringify({ id, ...judge(text) }) + "\n");
}
