// Opens documents in yaml-language-server, as an editor does. A line of standard input is a document's text in JSON; a line of standard
// output is a list of what the editor would underline as an error. A schema is read only where the text names one.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createInterface } from "node:readline";

const program = fileURLToPath(new URL("node_modules/yaml-language-server/bin/yaml-language-server", import.meta.url));
const server = spawn(process.execPath, [program, "--stdio"], { stdio: ["pipe", "pipe", "ignore"] });
const stop = (code) => {
  server.kill("SIGKILL");
  process.exit(code);
};
setTimeout(() => stop(3), 60_000).unref();
server.on("exit", () => stop(4));

const waiting = new Map();
const answers = new Map();
let next = 0;
const send = (message) => {
  const body = JSON.stringify({ jsonrpc: "2.0", ...message });
  server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
};
const request = (method, params) =>
  new Promise((resolve) => {
    answers.set(next, resolve);
    send({ id: next++, method, params });
  });

const settings = { yaml: { validate: true, schemaStore: { enable: false }, kubernetesCRDStore: { enable: false } } };
const receive = (message) => {
  if (message.method === "textDocument/publishDiagnostics") {
    waiting.get(message.params.uri)?.(message.params.diagnostics);
  } else if (message.method === "workspace/configuration") {
    const result = message.params.items.map((item) => settings[item.section] ?? null);
    send({ id: message.id, result });
  } else if (message.method && message.id !== undefined) {
    send({ id: message.id, result: null });
  } else if (message.id !== undefined) {
    answers.get(message.id)?.(message.result);
  }
};
let buffer = Buffer.alloc(0);
server.stdout.on("data", (chunk) => {
  buffer = Buffer.concat([buffer, chunk]);
  for (;;) {
    const head = buffer.indexOf("\r\n\r\n");
    if (head < 0) return;
    const length = Number(/Content-Length: (\d+)/i.exec(buffer.subarray(0, head).toString())[1]);
    if (buffer.length < head + 4 + length) return;
    const body = buffer.subarray(head + 4, head + 4 + length).toString();
    buffer = buffer.subarray(head + 4 + length);
    receive(JSON.parse(body));
  }
});

const capabilities = { workspace: { configuration: true }, textDocument: { publishDiagnostics: {} } };
await request("initialize", { processId: process.pid, rootUri: null, capabilities });
send({ method: "initialized", params: {} });
send({ method: "workspace/didChangeConfiguration", params: { settings } });
let number = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const uri = `file:///${number++}.yaml`;
  const told = new Promise((resolve) => waiting.set(uri, resolve));
  send({ method: "textDocument/didOpen", params: { textDocument: { uri, languageId: "yaml", version: 1, text: JSON.parse(line) } } });
  const errors = (await told).filter((it) => it.severity === 1);
  console.log(JSON.stringify(errors.map((it) => `line ${it.range.start.line + 1}: ${it.message}`)));
}
stop(0);
