// What the scripts share: the packages, the contract read from its descriptors, and a count of checks.
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const { createRequire } = require("node:module");
const path = require("node:path");

const [, , base, descriptors] = process.argv;
const packages = createRequire(path.join(process.env.PROTOGATE_NODE_MODULES, "x.js"));
const protobuf = packages("@bufbuild/protobuf");
const { FileDescriptorSetSchema } = packages("@bufbuild/protobuf/wkt");

const set = protobuf.fromBinary(FileDescriptorSetSchema, fs.readFileSync(descriptors));
const registry = protobuf.createFileRegistry(set);
const Echo = registry.getService("echo.v1.Echo");

/** A message by the short name of its type. */
function message(name, init) {
  return protobuf.create(registry.getMessage(`echo.v1.${name}`), init);
}

/** What is said in every protocol: a field of every kind that JSON treats in its own way. */
function words(text) {
  const Timestamp = registry.getMessage("google.protobuf.Timestamp");
  return message("Words", {
    text,
    number: 9007199254740993n,
    data: new Uint8Array([0, 1, 254, 255]),
    time: protobuf.create(Timestamp, { seconds: 1700000000n, nanos: 5000000 }),
    colors: [1, 0, 77],
  });
}

/** Whether two messages of a type are equal. */
function equal(name, left, right) {
  assert.ok(protobuf.equals(registry.getMessage(`echo.v1.${name}`), left, right), `${name}: ${JSON.stringify(left, plain)}`);
}

function plain(_, value) {
  return typeof value === "bigint" ? `${value}n` : value;
}

let count = 0;

/** Runs one check; names it when it fails. */
async function check(name, run) {
  try {
    await run();
    count += 1;
  } catch (error) {
    console.error(`FAILED: ${name}`);
    throw error;
  }
}

function done() {
  console.log(`${path.basename(process.argv[1])}: ${count} checks`);
}

module.exports = { assert, base, check, done, Echo, equal, message, packages, protobuf, registry, words };
