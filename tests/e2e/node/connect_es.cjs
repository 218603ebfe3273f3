// connect-es: its Connect, gRPC-Web and gRPC transports for Node, and the Connect and gRPC-Web ones for browsers over fetch.
"use strict";

const { assert, base, check, done, Echo, equal, message, packages, protobuf, registry, words } = require("./shared.cjs");
const { Code, ConnectError, createClient } = packages("@connectrpc/connect");
const node = packages("@connectrpc/connect-node");
const web = packages("@connectrpc/connect-web");

const compressed = { sendCompression: node.compressionGzip, compressMinBytes: 0 };
const transports = [];
for (const httpVersion of ["1.1", "2"]) {
  for (const useBinaryFormat of [true, false]) {
    for (const more of [{}, { useHttpGet: true }, compressed]) {
      const options = { baseUrl: base, httpVersion, useBinaryFormat, ...more };
      const name = `connect/${httpVersion} ${useBinaryFormat ? "proto" : "json"} ${Object.keys(more)}`;
      transports.push({ name, transport: node.createConnectTransport(options), streams: true, bidi: httpVersion, viaGet: more.useHttpGet });
    }
  }
  for (const more of [{}, compressed]) {
    const options = { baseUrl: base, httpVersion, ...more };
    const name = `grpc-web/${httpVersion} ${Object.keys(more)}`;
    transports.push({ name, transport: node.createGrpcWebTransport(options), streams: true, bidi: httpVersion });
  }
}
for (const more of [{}, compressed]) {
  const transport = node.createGrpcTransport({ baseUrl: base, httpVersion: "2", ...more });
  transports.push({ name: `grpc ${Object.keys(more)}`, transport, streams: true, bidi: "2" });
}
for (const useBinaryFormat of [true, false]) {
  for (const useHttpGet of [false, true]) {
    const transport = web.createConnectTransport({ baseUrl: base, useBinaryFormat, useHttpGet });
    transports.push({ name: `fetch connect ${useBinaryFormat} ${useHttpGet}`, transport, viaGet: useHttpGet });
  }
}
transports.push({ name: "fetch grpc-web", transport: web.createGrpcWebTransport({ baseUrl: base }) });

async function fails(run, code) {
  try {
    await run();
  } catch (error) {
    const found = ConnectError.from(error);
    assert.equal(Code[found.code], Code[code], found.message);
    return found;
  }
  assert.fail(`expected ${Code[code]}`);
}

async function all(stream) {
  const found = [];
  for await (const it of stream) {
    found.push(it);
  }
  return found;
}

/** The failure of the service, as every protocol must show it. */
function isWhole(error, text) {
  assert.equal(error.rawMessage, text);
  const [info] = error.findDetails(registry.getMessage("google.rpc.ErrorInfo") ?? errorInfo());
  assert.equal(info.reason, "NO_SUCH_THING");
  assert.deepEqual({ ...info.metadata }, { key: "a/b" });
  assert.equal(error.metadata.get("x-fail"), "yes");
  const binary = packages("@connectrpc/connect").decodeBinaryHeader(error.metadata.get("x-fail-bin"));
  assert.deepEqual([...binary], [1, 2, 255]);
}

/** `google.rpc.ErrorInfo`, which the contract of the service does not import. */
function errorInfo() {
  const wkt = packages("@bufbuild/protobuf/wkt");
  const field = (name, number, more) => ({ name, jsonName: name, number, label: 1, type: 9, ...more });
  const file = protobuf.create(wkt.FileDescriptorProtoSchema, {
    name: "google/rpc/error_details.proto",
    package: "google.rpc",
    syntax: "proto3",
    messageType: [
      {
        name: "ErrorInfo",
        field: [
          field("reason", 1),
          field("domain", 2),
          field("metadata", 3, { label: 3, type: 11, typeName: ".google.rpc.ErrorInfo.MetadataEntry" }),
        ],
        nestedType: [
          { name: "MetadataEntry", field: [field("key", 1), field("value", 2)], options: { mapEntry: true } },
        ],
      },
    ],
  });
  return protobuf.createFileRegistry(file, () => undefined).getMessage("google.rpc.ErrorInfo");
}

async function calls({ name, transport, streams, bidi, viaGet }) {
  const client = createClient(Echo, transport);
  for (const text of ["", "ünïcödé \u{1f600}", "x".repeat(3000)]) {
    await check(`${name}: say ${text.length}`, async () => {
      const headers = new Headers({ "x-echo": "one, two" });
      const seen = {};
      const onHeader = (it) => (seen.header = it);
      const answer = await client.say(message("SayRequest", { words: words(text) }), { headers, onHeader });
      equal("SayResponse", answer, message("SayResponse", { words: words(text) }));
      assert.equal(seen.header.get("x-echo-back"), "one, two");
      assert.ok(seen.header.get("x-request-id"));
    });
  }
  if (!viaGet) {
    // Too much for the address of a GET.
    await check(`${name}: say 300 kB`, async () => {
      const text = Array.from({ length: 30000 }, (_, at) => `word ${at} `).join("");
      assert.equal((await client.say({ words: { text } })).words.text, text);
    });
  }
  await check(`${name}: fail`, async () => {
    isWhole(await fails(() => client.fail({ message: "no «thing»\n" }), Code.NotFound), "no «thing»\\n");
  });
  await check(`${name}: no token`, async () => {
    await fails(() => client.guarded({}), Code.Unauthenticated);
    const headers = { authorization: "Bearer nonsense" };
    await fails(() => client.guarded({}, { headers }), Code.Unauthenticated);
  });
  await check(`${name}: deadline`, async () => {
    await client.sleep({ milliseconds: 1 }, { timeoutMs: 5000 });
    await fails(() => client.sleep({ milliseconds: 5000 }, { timeoutMs: 100 }), Code.DeadlineExceeded);
  });
  await check(`${name}: count`, async () => {
    const seen = {};
    const onHeader = (it) => (seen.header = it);
    const found = await all(client.count({ to: 5, size: 2000 }, { onHeader }));
    assert.deepEqual(found.map((it) => [it.number, it.text.length]), [1, 2, 3, 4, 5].map((it) => [it, 2000]));
    assert.equal(seen.header.get("x-count"), "begun");
    assert.deepEqual(await all(client.count({ to: 0 })), []);
    assert.equal((await all(client.count({ to: 2000, size: 100 }))).length, 2000);
  });
  await check(`${name}: count and fail`, async () => {
    const numbers = [];
    const run = async () => {
      for await (const it of client.count({ to: 3, fail: true })) {
        numbers.push(it.number);
      }
    };
    isWhole(await fails(run, Code.NotFound), "counted enough");
    assert.deepEqual(numbers, [1, 2, 3]);
    isWhole(await fails(() => all(client.count({ fail: true })), Code.NotFound), "counted enough");
  });
  await check(`${name}: a stream that is left`, async () => {
    for await (const it of client.count({ to: 1000000, size: 100 })) {
      if (it.number === 10) {
        break;
      }
    }
  });
  if (!streams) {
    return;
  }
  await check(`${name}: collect`, async () => {
    async function* numbers(count) {
      for (let number = 1; number <= count; number++) {
        yield { number: BigInt(number) };
      }
    }
    const answer = await client.collect(numbers(100));
    assert.deepEqual([answer.sum, answer.count], [5050n, 100]);
    assert.equal((await client.collect(numbers(0))).count, 0);
  });
  await check(`${name}: chat`, async () => {
    async function* lines() {
      for (const text of ["a", "b", "c"]) {
        yield { text };
      }
    }
    const found = await all(client.chat(lines()));
    assert.deepEqual(found.map((it) => it.text), ["a!", "b!", "c!"]);
  });
  if (bidi !== "2") {
    return;
  }
  await check(`${name}: chat, line by line`, async () => {
    let next;
    const said = [];
    async function* lines() {
      for (let at = 0; at < 3; at++) {
        const heard = new Promise((resolve) => (next = resolve));
        yield { text: `line ${at}` };
        await heard;
      }
    }
    for await (const it of client.chat(lines())) {
      said.push(it.text);
      next();
    }
    assert.deepEqual(said, ["line 0!", "line 1!", "line 2!"]);
  });
}

async function main() {
  for (const transport of transports) {
    await calls(transport);
  }
  done();
  // Sessions of HTTP/2 stay open for a while.
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
