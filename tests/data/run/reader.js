// Reads the file that its argument names at once and as a stream, and once more in each of two children.
const fs = require("node:fs");
const { execFileSync, spawn } = require("node:child_process");

const path = process.argv[2];
const first = fs.readFileSync(path, "utf8");
let streamed = "";
fs.createReadStream(path, "utf8")
	.on("data", (part) => (streamed += part))
	.on("end", () => {
		if (streamed !== first) process.exit(3);
		if (execFileSync("cat", [path], { encoding: "utf8" }) !== first) process.exit(4);
		fs.writeSync(1, first);
		spawn("cat", [path], { stdio: ["ignore", 1, 2] }).on("exit", (code) => process.exit(code));
	});
