// grpc-js: native gRPC from Node, plain and compressed.
"use strict";

const { assert, base, check, done, equal, message, packages, protobuf, registry, words } = require("./shared.cjs");
const grpc = packages("@grpc/grpc-js");

const type = (name) => registry.getMessage(`echo.v1.${name}`);

function definition(name, requestStream, responseStream) {
  const codec = (it) => [(value) => Buffer.from(protobuf.toBinary(it, value)), (bytes) => protobuf.fromBinary(it, bytes)];
  const [requestSerialize, requestDeserialize] = codec(type(`${name}Request`));
  const [responseSerialize, responseDeserialize] = codec(type(`${name}Response`));
  return {
    path: `/echo.v1.Echo/${name}`,
    requestStream,
    responseStream,
    requestSerialize,
    requestDeserialize,
    responseSerialize,
    responseDeserialize,
  };
}

const Client = grpc.makeGenericClientConstructor({
  say: definition("Say", false, false),
  fail: definition("Fail", false, false),
  sleep: definition("Sleep", false, false),
  guarded: definition("Guarded", false, false),
  count: definition("Count", false, true),
  collect: definition("Collect", true, false),
  chat: definition("Chat", true, true),
});

function unary(client, name, request, options = {}, metadata = new grpc.Metadata()) {
  return new Promise((resolve, reject) => {
    client[name](request, metadata, options, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
}

async function fails(promise, code) {
  const error = await promise.then(() => assert.fail(`expected ${code}`), (it) => it);
  assert.equal(error.code, code, error.message);
  return error;
}

function isWhole(error, text) {
  assert.equal(error.details, text);
  assert.deepEqual(error.metadata.get("x-fail"), ["yes"]);
  assert.deepEqual([...error.metadata.get("x-fail-bin")[0]], [1, 2, 255]);
  assert.equal(error.metadata.get("grpc-status-details-bin").length, 1);
}

async function calls(name, options) {
  const client = new Client(new URL(base).host, grpc.credentials.createInsecure(), options);
  for (const text of ["", "ünïcödé \u{1f600}", "x".repeat(300000)]) {
    await check(`${name}: say ${text.length}`, async () => {
      const answer = await unary(client, "say", message("SayRequest", { words: words(text) }));
      equal("SayResponse", answer, message("SayResponse", { words: words(text) }));
    });
  }
  await check(`${name}: fail`, async () => {
    isWhole(await fails(unary(client, "fail", message("FailRequest", { message: "no «thing»" })), grpc.status.NOT_FOUND), "no «thing»");
  });
  await check(`${name}: no token`, () =>
    fails(unary(client, "guarded", message("GuardedRequest")), grpc.status.UNAUTHENTICATED));
  await check(`${name}: deadline`, () =>
    fails(
      unary(client, "sleep", message("SleepRequest", { milliseconds: 5000 }), { deadline: Date.now() + 100 }),
      grpc.status.DEADLINE_EXCEEDED,
    ));
  const count = async (init) => {
    const numbers = [];
    await new Promise((resolve, reject) => {
      const call = client.count(message("CountRequest", init));
      call.on("data", (it) => numbers.push(it.number)).on("error", reject).on("end", resolve);
    });
    return numbers;
  };
  await check(`${name}: count`, async () => {
    assert.deepEqual(await count({ to: 100, size: 3000 }), Array.from({ length: 100 }, (_, at) => at + 1));
  });
  await check(`${name}: count and fail`, async () => {
    // How many numbers come before the failure is the client's affair: it hands a failure on at once.
    isWhole(await fails(count({ to: 100, size: 3000, fail: true }), grpc.status.NOT_FOUND), "counted enough");
  });
  await check(`${name}: collect`, async () => {
    const answer = await new Promise((resolve, reject) => {
      const call = client.collect((error, it) => (error ? reject(error) : resolve(it)));
      for (let number = 1n; number <= 100n; number++) {
        call.write(message("CollectRequest", { number }));
      }
      call.end();
    });
    assert.deepEqual([answer.sum, answer.count], [5050n, 100]);
  });
  await check(`${name}: chat, line by line`, async () => {
    const said = [];
    await new Promise((resolve, reject) => {
      const call = client.chat();
      call.on("data", (it) => {
        said.push(it.text);
        said.length < 3 ? call.write(message("ChatRequest", { text: `line ${said.length}` })) : call.end();
      });
      call.on("error", reject).on("end", resolve);
      call.write(message("ChatRequest", { text: "line 0" }));
    });
    assert.deepEqual(said, ["line 0!", "line 1!", "line 2!"]);
  });
  client.close();
}

async function main() {
  await calls("plain", {});
  await calls("gzip", { "grpc.default_compression_algorithm": grpc.compressionAlgorithms.gzip });
  done();
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
